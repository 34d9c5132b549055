import type { HostPrograms } from '../programs/programs.ts'
import { type Attempt, errnoAdvice, errnoOfText } from './errno-advice.ts'

/** Where distributions have it; on most the second is a link to the first. kmod(8), and busybox's own. */
const PROGRAMS = { insert: ['/usr/sbin/insmod', '/sbin/insmod'], remove: ['/usr/sbin/rmmod', '/sbin/rmmod'] } as const
/** With many functions, or a slow disk, the kernel takes its time, and cannot be interrupted. */
const TIME_MS = 120_000

export type KmodResult =
  | { readonly ok: true }
  /** `ran` is false when the program was not even started. */
  | { readonly ok: false; readonly ran: boolean; readonly errno: string; readonly detail: string }

/** insmod(8) of a file, by a path of our own; no parameters, nothing forced. */
export const insertModule = (programs: HostPrograms, path: string): Promise<KmodResult> =>
  run(programs, 'insert', [path])

/** rmmod(8), without --force. `name` has passed the pattern of module names, so it is no option. */
export const removeModule = (programs: HostPrograms, name: string): Promise<KmodResult> =>
  run(programs, 'remove', [name])

const run = async (
  programs: HostPrograms,
  attempt: Attempt & ('insert' | 'remove'),
  args: string[],
): Promise<KmodResult> => {
  let result = await programs.run(PROGRAMS[attempt][0], args, { timeMs: TIME_MS, bytesMax: 4096 })
  if (!result.ok && result.errno === 'ENOENT') {
    result = await programs.run(PROGRAMS[attempt][1], args, { timeMs: TIME_MS, bytesMax: 4096 })
  }
  if (!result.ok) {
    const ran = result.errno === 'ETIMEDOUT' || result.errno === 'ECANCELED'
    return { ok: false, ran, errno: result.errno, detail: result.detail }
  }
  if (result.exitCode === 0) return { ok: true }
  const printed = `${result.stdout}\n${result.stderr}`
  const errno = errnoOfText(printed)
  if (errno !== null) return { ok: false, ran: true, errno, detail: errnoAdvice(attempt, errno) }
  return {
    ok: false,
    ran: true,
    errno: 'EIO',
    detail: `It exited with ${result.exitCode}: ${printed.trim().slice(0, 300)}`,
  }
}
