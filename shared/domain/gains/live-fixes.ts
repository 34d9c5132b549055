import type { ClassRun } from '../compliance/open-since.ts'
import { SEVERITIES, type Severity } from '../exposure/exposure-words.ts'

/** What a verdict is to gains: `live` is fixed by a livepatch in effect, `safe` by anything else. */
type FixFinding = 'open' | 'live' | 'safe' | 'unknown'

/** What one CVE was to one class. Half-open, in milliseconds since 1970; `to` Infinity: it holds still. */
export interface FixPeriod {
  readonly finding: FixFinding
  readonly from: number
  readonly to: number
  /** Of `live`: the livepatch. */
  readonly by: string | null
  /** Of `open`: since when a fix was there; null: there was none, or it is not dated. */
  readonly fixAt: number | null
}

/** What feeds said of a CVE, from when to when. */
export interface CveSaid {
  readonly severity: Severity
  readonly publishedAt: number | null
  readonly from: number
  readonly to: number
}

/** Of one class, by the number of each CVE; undefined: nothing was ever said. Periods oldest first. */
export interface ClassFindings {
  readonly periods: readonly (readonly FixPeriod[] | undefined)[]
  /** Numbers of CVEs that a livepatch fixed in it at some time. */
  readonly live: readonly number[]
}

/** What a livepatch fixed on one host at one moment. The lists are of the same CVEs in the same order. */
export interface LiveFix {
  /** When it was in effect. */
  readonly at: number
  readonly livepatch: string
  /** The first time that this livepatch fixed anything on this host. */
  readonly isFirst: boolean
  /** Places in SEVERITIES. */
  readonly severities: readonly number[]
  /** Since when each was to be fixed: see `exposedFrom`. */
  readonly exposedFrom: readonly number[]
  /** Since when it could be: the fix was there, and the host was exposed. */
  readonly fixableFrom: readonly number[]
}

interface Found {
  severities: number[]
  exposedFrom: number[]
  fixableFrom: number[]
}

const UNSAID: Pick<CveSaid, 'severity' | 'publishedAt'> = { severity: 'unknown', publishedAt: null }

/**
 * Finds what livepatches fixed on hosts: a CVE that was open on the host, and then fixed by a livepatch in effect. What was fixed by one
 * before, and open in a gap (an upgrade, a boot, a patch that was disabled), is not fixed a second time. As in open-since.ts, unknown
 * verdicts and moments without any are no end of an exposure.
 * @param said for the number of each CVE what feeds said of it, oldest first
 * @returns for the classes that a host was in, oldest first: its fixes, oldest first
 */
export const createFixFinder = (
  classes: ReadonlyMap<string, ClassFindings>,
  said: readonly (readonly CveSaid[] | undefined)[],
): ((runs: readonly ClassRun[]) => LiveFix[]) => {
  const saidAt = (cve: number, at: number) => said[cve]?.find(({ from, to }) => from <= at && at < to) ?? UNSAID
  return (runs) => {
    const columns = runs.map(({ classId }) => classes.get(classId))
    const byMoment = new Map<number, Map<string, Found>>()
    for (const [index, run] of runs.entries()) {
      for (const cve of columns[index]?.live ?? []) {
        const periods = columns[index]?.periods[cve] ?? []
        for (const [place, period] of periods.entries()) {
          if (period.finding !== 'live' || period.from >= run.to || period.to <= run.from) continue
          const at = Math.max(period.from, run.from)
          const exposure = openBefore(runs, columns, cve, index, place)
          if (exposure === undefined) continue
          const { severity, publishedAt } = saidAt(cve, at)
          const exposedFrom = Math.min(at, exposedSince(exposure, publishedAt, runs[0]?.from ?? run.from))
          const byLivepatch = byMoment.get(at) ?? new Map<string, Found>()
          byMoment.set(at, byLivepatch)
          const livepatch = period.by ?? ''
          const found = byLivepatch.get(livepatch) ?? { severities: [], exposedFrom: [], fixableFrom: [] }
          byLivepatch.set(livepatch, found)
          found.severities.push(SEVERITIES.indexOf(severity))
          found.exposedFrom.push(exposedFrom)
          found.fixableFrom.push(Math.min(at, Math.max(exposedFrom, exposure.fixAt ?? exposedFrom)))
        }
      }
    }
    const seen = new Set<string>()
    return [...byMoment]
      .sort(([left], [right]) => left - right)
      .flatMap(([at, byLivepatch]) =>
        [...byLivepatch].map(([livepatch, found]) => {
          const isFirst = !seen.has(livepatch)
          seen.add(livepatch)
          return { at, livepatch, isFirst, ...found }
        }),
      )
  }
}

interface OpenBefore {
  readonly since: number
  /** What ended before it began; false: nothing is known of before, or nothing that was certain. */
  readonly wasSafe: boolean
  readonly fixAt: number | null
}

/** How a host was open to a CVE directly before a period of one of its runs; undefined: it was not, or in a gap alone. */
const openBefore = (
  runs: readonly ClassRun[],
  columns: readonly (ClassFindings | undefined)[],
  cve: number,
  runIndex: number,
  place: number,
): OpenBefore | undefined => {
  let open: { since: number; fixAt: number | null } | undefined
  for (let index = runIndex; index >= 0; index -= 1) {
    const run = runs[index]
    const periods = columns[index]?.periods[cve]
    if (run === undefined || periods === undefined) continue
    for (let last = index === runIndex ? place - 1 : periods.length - 1; last >= 0; last -= 1) {
      const period = periods[last]
      if (period === undefined || period.from >= run.to || period.to <= run.from) continue
      if (period.finding === 'live') return undefined
      if (period.finding === 'safe') return open && { ...open, wasSafe: true }
      if (period.finding !== 'open') continue
      open = { since: Math.max(period.from, run.from), fixAt: open === undefined ? period.fixAt : open.fixAt }
    }
  }
  return open && { ...open, wasSafe: false }
}

/**
 * From when time to patch is counted: the day of publication, yet not before the host was read first, nor before it became
 * exposed after it was safe. That the feed was read days after the publication does not make it shorter. Without a date of
 * publication: since it was seen open.
 */
const exposedSince = ({ since, wasSafe }: OpenBefore, publishedAt: number | null, readFrom: number): number =>
  publishedAt === null ? since : Math.max(publishedAt, wasSafe ? since : readFrom)
