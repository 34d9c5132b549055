import { execFileSync } from 'node:child_process'
import { cpus, loadavg, totalmem } from 'node:os'

/** What a figure hangs on. */
export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryBytes: number
}

export const thisMachine = (): Machine => {
  const all = cpus()
  return { processor: all[0]?.model.trim() || 'unknown', cores: all.length, memoryBytes: totalmem() }
}

/** Processes that ran or wanted to, on average over the last minute: proc(5), /proc/loadavg. */
export const loadNow = (): number => Number((loadavg()[0] ?? 0).toFixed(1))

/** Which state of the sources was measured. */
export const commitOf = (root: string): string => {
  const git = (...words: string[]) =>
    execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    const changed = git('status', '--porcelain', '--', 'server', 'shared', 'web', 'package-lock.json') !== ''
    return `${git('rev-parse', '--short', 'HEAD')}${changed ? ' with changes' : ''}`
  } catch {
    return 'unknown' // sources without their history
  }
}
