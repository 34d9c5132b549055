import { parseArgs } from 'node:util'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { printable } from '@rebootless/shared/domain/printable.ts'
import { type ConsoleActs, createConsoleActs } from '../bff/access/console-acts.ts'
import { connect } from '../bff/database/connect.ts'
import { DatabaseUnusableError } from '../bff/database/database-error.ts'
import { runningDatabase } from '../bff/database/embedded/running-database.ts'
import { readSettings, SettingsError } from '../bff/settings.ts'

/** Also of `rebootless people`, which hands all of it on to here. */
const USAGE = `Usage: rebootless people reset-second-factor USERNAME --reason TEXT
       rebootless people sign-in-link USERNAME

On the server's own machine, as the user of the server and with its REBOOTLESS_DATA or DATABASE_URL, while it runs.
reset-second-factor turns the second factor off and ends the user's sessions; sign-in-link prints a link that is good
once. Both are in the audit log, as done by the server's console.

Exit status: 0 done, 1 it could not be, 2 wrong use.`

/** A socket's folder goes into the query, as libpq has it (PostgreSQL manual, 34.1.1). */
const urlOf = ({ host, port, user, password, database }: Awaited<ReturnType<typeof runningDatabase>>): string => {
  const part = (value: unknown) => encodeURIComponent(String(value))
  return `postgres://${part(user)}:${part(password)}@localhost/${part(database)}?host=${part(host)}&port=${port}`
}

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined }
/** It runs already, or it does not. */
const PATIENCE_MS = 2_000

const act = async (acts: ConsoleActs, verb: string, username: string, reason: string | undefined): Promise<number> => {
  if (verb === 'sign-in-link') {
    const { path, expiresAt } = await acts.signInLink(username)
    console.log(`Open this on the server's page, once, before ${expiresAt}:\n${path}`)
    return 0
  }
  const removed = await acts.resetSecondFactor(username, reason ?? '')
  const name = printable(username)
  console.log(
    removed
      ? `${name} has no second factor any more, and his sessions have ended. He sets up another under Settings, Your account.`
      : `${name} has no second factor: nothing was changed.`,
  )
  return removed ? 0 : 1
}

/** What `rebootless people` does. @returns the exit status */
export const runConsole = async (args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> => {
  try {
    const options = { reason: { type: 'string' } } as const
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    const [verb, username, ...rest] = positionals
    const reason = values.reason?.trim()
    const wanted = verb === 'sign-in-link' ? reason === undefined : verb === 'reset-second-factor' && reason
    if (verb === undefined || username === undefined || rest.length > 0 || !wanted) throw new TypeError('wrong use')
    if (reason !== undefined && reason.length > 500) throw new TypeError('a reason has 500 characters at most')
    const { databaseUrl, dataFolder } = readSettings(environment)
    const url = databaseUrl ?? urlOf(await runningDatabase({ dataDirectory: dataFolder }))
    const database = await connect({ databaseUrl: url, log: SILENT, patienceMs: PATIENCE_MS })
    try {
      return await act(createConsoleActs(database.kysely, { now: () => new Date() }), verb, username, reason)
    } finally {
      await database.close()
    }
  } catch (error) {
    if (error instanceof TypeError) {
      console.error(`${printable(error.message)}\n\n${USAGE}`)
      return 2
    }
    const expected = error instanceof DatabaseUnusableError || error instanceof SettingsError
    if (!expected && !(error instanceof DomainError)) throw error
    console.error(printable(error instanceof DomainError ? error.detail : error.message))
    return 1
  }
}
