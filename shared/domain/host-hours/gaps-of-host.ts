import type { Span } from './hours-by-day.ts'

/** What one CVE was to one host. */
export interface HostPeriod extends Span {
  /** `fixed`: a livepatch or the running kernel fixes it, in effect. `safe`: it is not in this kernel. */
  readonly finding: 'open' | 'fixed' | 'safe' | 'unknown'
  /** A livepatch of the host was in transition. */
  readonly inTransition: boolean
}

/** From the loss of a fix that had been in effect until the host is safe again. */
export interface Gap extends Span {
  /** Milliseconds in which the host was open; moments of which nothing is known are none. */
  readonly open: number
  /** A livepatch was in transition in it, as in an upgrade; without one, the fix was taken out or lost. */
  readonly inTransition: boolean
  /** It goes on at the end of the window. */
  readonly goesOn: boolean
}

/**
 * When a host was open again after a fix had been in effect on it.
 * @param periods oldest first, from the first that is recorded; they do not overlap, and between them nothing is known
 * @param window gaps are cut by it, and what was fixed before it counts
 */
export const gapsOfHost = (periods: readonly HostPeriod[], window: Span): Gap[] => {
  const gaps: Gap[] = []
  let wasFixed = false
  let gap: Gap | undefined
  const end = () => {
    if (gap !== undefined) gaps.push(gap)
    gap = undefined
  }
  for (const { finding, inTransition, ...period } of periods) {
    if (finding === 'fixed' || finding === 'safe') end()
    if (finding === 'fixed') wasFixed = true
    const [from, to] = [Math.max(period.from, window.from), Math.min(period.to, window.to)]
    if (finding !== 'open' || !wasFixed || from >= to) continue
    gap = {
      ...{ from: gap?.from ?? from, to, open: (gap?.open ?? 0) + to - from, goesOn: period.to >= window.to },
      inTransition: inTransition || gap?.inTransition === true,
    }
  }
  end()
  return gaps
}
