/** What one CVE was to one host: half-open, in milliseconds since 1970; `to` Infinity: it holds still. */
export interface HostPeriod {
  readonly from: number
  readonly to: number
  /** `fixed`: a livepatch or the running kernel fixes it, in effect. `safe`: the host never had it. */
  readonly finding: 'open' | 'fixed' | 'safe' | 'unknown'
  /** A livepatch of the host was in transition (the doubt `in_transition`). */
  readonly inTransition: boolean
}

export interface HostHistory {
  /** Oldest first; they do not overlap. Between them nothing is known, and nothing counts. */
  readonly periods: readonly HostPeriod[]
  /** Null: there is no fix for this host. */
  readonly fixAvailableAt: number | null
}

/** Hours of hosts. The four parts are apart from each other, and `total` is their sum. */
export interface HostHours {
  readonly total: number
  /** From disclosure to a fix, or until now where there is none. */
  readonly beforeFix: number
  /** A fix was available, and was not loaded. */
  readonly beforeLoaded: number
  /** Loaded, and not complete: tasks still run the old code. */
  readonly inTransition: number
  /** A fix that had been in effect was gone again. */
  readonly gaps: number
  /** Nobody knows; no part of the total. */
  readonly unknown: number
}

const HOUR_MS = 3_600_000

/**
 * Exposure of hosts to one CVE. Only open hours from disclosure on count, within the window. An open period belongs to the first of
 * these that holds: a fix was in effect on the host before (a gap, as when an upgrade removes livepatches before it adds
 * them again, whether or not it is in transition meanwhile); no fix is available; a transition runs; none does.
 * @param disclosedAt null: its day is not known, and all of the window counts
 * @param window half-open, in milliseconds since 1970, its end no later than now
 */
export const hostHours = (
  hosts: Iterable<HostHistory>,
  disclosedAt: number | null,
  window: { readonly from: number; readonly to: number },
): HostHours => {
  const start = Math.max(window.from, disclosedAt ?? window.from)
  const spent = { beforeFix: 0, beforeLoaded: 0, inTransition: 0, gaps: 0, unknown: 0 }
  for (const { periods, fixAvailableAt } of hosts) {
    let wasFixed = false
    for (const period of periods) {
      if (period.finding === 'fixed') wasFixed = true
      const from = Math.max(period.from, start)
      const to = Math.min(period.to, window.to)
      if (to <= from) continue
      if (period.finding === 'unknown') spent.unknown += to - from
      if (period.finding !== 'open') continue
      if (wasFixed) {
        spent.gaps += to - from
        continue
      }
      const available = Math.min(to, Math.max(from, fixAvailableAt ?? to))
      spent.beforeFix += available - from
      spent[period.inTransition ? 'inTransition' : 'beforeLoaded'] += to - available
    }
  }
  const { beforeFix, beforeLoaded, inTransition, gaps, unknown } = spent
  return {
    total: (beforeFix + beforeLoaded + inTransition + gaps) / HOUR_MS,
    beforeFix: beforeFix / HOUR_MS,
    beforeLoaded: beforeLoaded / HOUR_MS,
    inTransition: inTransition / HOUR_MS,
    gaps: gaps / HOUR_MS,
    unknown: unknown / HOUR_MS,
  }
}
