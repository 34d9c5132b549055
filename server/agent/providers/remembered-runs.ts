import { createHash } from 'node:crypto'
import type { ProgramResult } from '../programs/programs.ts'
import { refusesArguments } from './tool-text.ts'

/** What programs said that say the same again as long as what they depend on is the same. */
export interface RememberedRuns {
  /** What the command line said when it depended on this same text; null: it is to be run. */
  recall(commandLine: string, dependsOn: string, nowMs: number): ProgramResult | null
  keep(commandLine: string, dependsOn: string, nowMs: number, result: ProgramResult): void
}

/** No text holds all that an answer may depend on: a module may be built anew under its old name. */
const DAY_MS = 24 * 60 * 60 * 1000
const RUNS_MAX = 32
const CHARACTERS_MAX = 16_384

export const createRememberedRuns = (): RememberedRuns => {
  const runs = new Map<string, { readonly state: string; readonly atMs: number; readonly result: ProgramResult }>()
  return {
    recall(commandLine, dependsOn, nowMs) {
      const run = runs.get(commandLine)
      if (run === undefined || run.state !== hashOf(dependsOn)) return null
      const ageMs = nowMs - run.atMs
      return ageMs >= 0 && ageMs < DAY_MS ? run.result : null
    },
    keep(commandLine, dependsOn, nowMs, result) {
      runs.delete(commandLine)
      if (!isLasting(result)) return
      const [oldest] = runs.keys()
      if (runs.size >= RUNS_MAX && oldest !== undefined) runs.delete(oldest)
      runs.set(commandLine, { state: hashOf(dependsOn), atMs: nowMs, result })
    },
  }
}

/** A failure may pass; a tool that does not know its arguments will not learn them. */
const isLasting = (result: ProgramResult): boolean =>
  result.ok &&
  !result.truncated &&
  result.stdout.length + result.stderr.length <= CHARACTERS_MAX &&
  (result.exitCode === 0 || refusesArguments(result))

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64')
