import { type ParseArgsConfig, parseArgs } from 'node:util'
import { printable } from '@rebootless/shared/domain/printable.ts'
import { KeyError } from '../signing/key-error.ts'
import type { CliCommand } from './main.ts'
import { AuthorisationUnusableError } from './read-authorisation.ts'

type Options = NonNullable<ParseArgsConfig['options']>
type Parsed<O extends Options> = ReturnType<typeof parseArgs<{ args: string[]; options: O; allowPositionals: true }>>

/** The command was not written as its usage says. */
export class UsageError extends TypeError {}

/** It could not be done; the message says why and what to do. */
export class CommandFailure extends Error {
  readonly status: number
  constructor(message: string, status = 1) {
    super(message)
    this.status = status
  }
}

export const isWrongUse = (error: unknown): error is Error =>
  error instanceof UsageError || String((error as { code?: unknown } | null)?.code).startsWith('ERR_PARSE_ARGS')

/** A command whose words are read by its options, and whose failures end in a line and a status. */
export const defineCommand = <const O extends Options>(definition: {
  readonly about: string
  readonly usage: string
  readonly options: O
  /** What may stand behind its name, for completion. */
  readonly words?: readonly string[]
  /** Status when it could not be done; left out: 1. */
  readonly failure?: number
  run(values: Parsed<O>['values'], positionals: readonly string[]): Promise<number>
}): CliCommand => {
  const { about, usage, options, words = [], failure } = definition
  return {
    ...{ about, usage, words },
    options: Object.keys(options).map((name) => `--${name}`),
    async run(args) {
      try {
        const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
        return await definition.run(values as Parsed<O>['values'], positionals)
      } catch (error) {
        if (isWrongUse(error)) {
          console.error(`${printable(error.message)}\n\n${usage}`)
          return 2
        }
        const expected =
          error instanceof CommandFailure || error instanceof KeyError || error instanceof AuthorisationUnusableError
        if (!expected) throw error
        console.error(error.message.split('\n').map(printable).join('\n'))
        return failure ?? (error instanceof CommandFailure ? error.status : 1)
      } finally {
        process.stdin.pause()
      }
    },
  }
}
