import type { KernelIncidentKind } from '@rebootless/shared/domain/kernel-incidents.ts'
import type { KernelLogRecord } from './kernel-log.ts'
import { cut } from './reading.ts'

/**
 * How reports begin, the particular before the general: arch/x86/mm/fault.c and kernel/dumpstack.c, arch/arm64/kernel/traps.c and
 * mm/fault.c, arch/powerpc/kernel/traps.c, mm/fault.c and kernel/watchdog.c, arch/s390/kernel/dumpstack.c and mm/fault.c,
 * kernel/panic.c (__warn), kernel/watchdog.c, kernel/hung_task.c, kernel/rcu/tree_stall.h, lib/ubsan.c, mm/kasan/report.c.
 */
const BEGINNINGS: readonly (readonly [RegExp, KernelIncidentKind])[] = [
  [/^(?:watchdog: )?BUG: (?:soft lockup - CPU|workqueue lockup)/, 'lockup'],
  [/^(?:(?:NMI )?watchdog: .{0,80}|Watchdog detected )hard LOCKUP/i, 'lockup'],
  [/^(?:rcu: )?INFO: rcu\w{0,40} (?:self-)?detected (?:expedited )?stalls? on /, 'rcu stall'],
  [/^INFO: task .{1,120} blocked (?:in I\/O wait )?for more than \d{1,12} seconds/, 'hung task'],
  [/^BUG: K(?:ASAN|CSAN|FENCE|MSAN): /, 'sanitizer report'],
  [/^UBSAN: /, 'sanitizer report'],
  [/^BUG: (?:kernel NULL pointer|unable to handle)/i, 'oops'],
  [/^Unable to handle kernel /, 'oops'],
  [/^(?:Oops|Internal error): /, 'oops'],
  [/^kernel BUG at /i, 'oops'],
  [/^Kernel panic - not syncing/, 'oops'],
  // __die() of x86 and die() of s390 begin with the exception's name, powerpc's ends with the signal.
  [/^[a-zA-Z][\w ,()/-]{0,80}: (?:[0-9a-f]{4,16}(?: ilc:\d)?|.{0,60}, sig: \d{1,3}) \[#\d{1,9}\]/, 'oops'],
  [/^BUG: /, 'bug'],
  [/^WARNING: (?:CPU: \d{1,6} PID: \d{1,10} at |\S{1,200}:\d{1,7} at |at )/, 'warning'],
  // kernel/locking/lockdep.c, which taints nothing.
  [/^WARNING: (?:possible|suspicious|inconsistent|bad|nested|lock held|held lock) /i, 'warning'],
]

/**
 * What a record begins to report, if anything. Only the kernel's own facility counts: whoever may write to /dev/kmsg could
 * otherwise stop a rollout, or have it undone.
 */
export const incidentKind = ({ facility, text }: KernelLogRecord): KernelIncidentKind | null => {
  if (facility !== 0) return null
  return BEGINNINGS.find(([pattern]) => pattern.test(text))?.[1] ?? null
}

/** "[ cut here ]" stands before a warning or a BUG, "[ end trace" behind it: include/asm-generic/bug.h, kernel/panic.c. */
export const isBoundary = ({ text }: KernelLogRecord): boolean => /^-{2,12}\[ (?:cut here|end trace)/.test(text)

/** A function in a trace, and the module it is of; null: the kernel itself. */
export interface Frame {
  readonly function: string
  readonly module: string | null
}

/** `FUNCTION+0xOFFSET/0xSIZE [MODULE BUILDID]`, as `%pS` prints an address: Documentation/core-api/printk-formats.rst. */
const FRAME =
  /(\? )?(?<![\w.$])([A-Za-z_][\w.$]{0,511})\+0x[0-9a-f]{1,16}\/0x[0-9a-f]{1,16}(?: \[([\w-]{1,64})(?: [0-9a-f]{1,64})?\])?( \(unreliable\))?/g

/** Functions that a record of a report names; those that only may have been called, which a `?` or "(unreliable)" says, are left out. */
export const framesOf = (text: string): Frame[] =>
  [...text.matchAll(FRAME)]
    .filter(([, maybe, , , unreliable]) => maybe === undefined && unreliable === undefined)
    .map(([, , name = '', module]) => ({ function: cut(name, 128), module: module?.replaceAll('-', '_') ?? null }))
