import type { LiveFix } from './live-fixes.ts'
import type { RebootWindows } from './reboot-window.ts'

export interface HostWithFixes {
  /** Oldest first. */
  readonly fixes: readonly LiveFix[]
  /** When it was seen to have booted, in any order. */
  readonly boots: readonly number[]
}

export interface RebootsAvoided {
  /** Windows in which a host had no boot, and would have needed one. */
  readonly avoided: number
  /** Hosts with at least one. */
  readonly hosts: number
  /** Windows that came, and the host had booted by then all the same. */
  readonly bootedAnyway: number
  /** Windows that are still to come: nothing is avoided yet. */
  readonly pending: number
}

/**
 * A boot is avoided when a livepatch fixed something on a host for the first time, and until the end of the next window the host did not
 * boot. At most one a host and window, whatever was fixed until then; and one a host and livepatch.
 * @param from the windows that ended after it, and up to `at`, are counted
 */
export const rebootsAvoided = (
  all: Iterable<HostWithFixes>,
  { from, at, windows }: { readonly from: number; readonly at: number; readonly windows: RebootWindows },
): RebootsAvoided => {
  const counts = { avoided: 0, hosts: 0, bootedAnyway: 0, pending: 0 }
  for (const { fixes, boots } of all) {
    let last = 0
    const before = counts.avoided
    for (const fix of fixes) {
      if (!fix.isFirst || fix.at > at) continue
      const window = windows.after(fix.at)
      if (window === last) continue
      last = window
      if (window <= from) continue
      const booted = boots.some((boot) => boot > fix.at && boot <= Math.min(window, at))
      if (window > at) counts.pending += booted ? 0 : 1
      else if (booted) counts.bootedAnyway += 1
      else counts.avoided += 1
    }
    if (counts.avoided > before) counts.hosts += 1
  }
  return counts
}
