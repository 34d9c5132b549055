/** What a verdict is to the clock. Only one that says safe ends an exposure. */
export type Finding = 'open' | 'safe' | 'unknown'

/** Half-open, in milliseconds since 1970; `to` Infinity: it holds still. */
interface Period {
  readonly from: number
  readonly to: number
}

/** What one CVE was to one class. */
export interface FindingPeriod extends Period {
  readonly finding: Finding
}

/** A host in one class. */
export interface ClassRun extends Period {
  readonly classId: string
}

const NONE: readonly FindingPeriod[] = []

/**
 * Since when a host is open to a CVE without a break, over all classes that it was in. Only a verdict that says safe is a break: an
 * unknown one, and the moments in which a class was not judged yet, are none, else each change of a host would begin its
 * days anew.
 * @param runs oldest first, the last one is now
 * @param findings for each run what each of the CVEs was to its class, oldest first; where nothing was ever said: none
 * @param cve which of these it is
 * @returns undefined: it is not open
 */
export const openSince = (
  runs: readonly ClassRun[],
  findings: readonly (readonly (readonly FindingPeriod[])[])[],
  cve: number,
): number | undefined => {
  let since: number | undefined
  for (let index = runs.length - 1; index >= 0; index -= 1) {
    const run = runs[index]
    if (run === undefined) continue
    const periods = findings[index]?.[cve] ?? NONE
    for (let last = periods.length - 1; last >= 0; last -= 1) {
      const period = periods[last]
      if (period === undefined || period.from >= run.to || period.to <= run.from) continue
      if (period.finding === 'safe') return since
      if (period.finding === 'open') since = Math.max(period.from, run.from)
    }
  }
  return since
}
