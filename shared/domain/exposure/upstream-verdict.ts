import type { CveStatementOf, Provenance } from '../../contract/vulnerabilities.ts'
import { compareReleases, hasReached, newestOf, readReleases, type UpstreamRelease } from './kernel-version.ts'
import type { PreparedCve, PreparedPairs } from './prepared-knowledge.ts'

/** What upstream's own ranges say of one of its releases. */
export interface UpstreamFinding {
  /** `never`: no release ever had the fault. `before`: it came later than this. */
  readonly finding: 'affected' | 'fixed' | 'before' | 'never'
  /** The release that fixes it: the one that this one has, or the next of its branch; null: there is none. */
  readonly fix: string | null
  readonly from: Provenance
}

/** Worst first: where two feeds differ, the worse stands. */
const WORST_FIRST = ['affected', 'fixed', 'before', 'never'] as const

/** @returns null: upstream says nothing of it. Pairs go before records in CVE JSON, which leave out branches. */
export const upstreamFinding = (cve: PreparedCve, release: UpstreamRelease): UpstreamFinding | null => {
  const found =
    cve.pairs.length > 0
      ? cve.pairs.map((pairs) => ({ ...judgePairs(pairs, release), from: pairs.from }))
      : cve.upstreamRecords.map(({ statement, from }) => ({ ...judgeRecord(statement, release), from }))
  return found.sort((left, right) => WORST_FIRST.indexOf(left.finding) - WORST_FIRST.indexOf(right.finding))[0] ?? null
}

type Finding = Pick<UpstreamFinding, 'finding' | 'fix'>

const word = (release: UpstreamRelease): string => release.numbers.join('.')

/**
 * A release is affected when some introduction is reached and no later fix is. On one release's line all that is reached
 * stands in one order, so the newest of either decides: a fix older than the newest introduction is of another lineage, or was
 * reverted. A pair of equal numbers came and went within one release.
 */
const judgePairs = (pairs: PreparedPairs, release: UpstreamRelease): Finding => {
  if (pairs.never) return { finding: 'never', fix: null }
  const introduced = newestOf(pairs.introduced.filter((change) => hasReached(change, release)))
  const fixed = newestOf(pairs.fixes.filter((change) => hasReached(change, release)))
  if (introduced === undefined && !pairs.sinceEver) return { finding: 'before', fix: null }
  if (fixed !== undefined && (introduced === undefined || compareReleases(fixed, introduced) >= 0))
    return { finding: 'fixed', fix: word(fixed) }
  return { finding: 'affected', fix: nextFix(pairs.fixes, release) }
}

const nextFix = (fixes: readonly UpstreamRelease[], release: UpstreamRelease): string | null => {
  const later = fixes
    .filter((fix) => fix.branch === release.branch && compareReleases(fix, release) > 0)
    .sort(compareReleases)
  return later[0] === undefined ? null : word(later[0])
}

/**
 * The order in which the rows of the kernel CNA's records are to be asked: a fix of the branch or of mainline, then the ranges of
 * backports, then what was before the introduction, then the default. Ranges are never OR-ed: [6.5, 6.7.5) would have 6.6.20.
 */
const judgeRecord = (record: CveStatementOf<'upstream_record'>, release: UpstreamRelease): Finding => {
  const branchFixes = readReleases(record.branchFixes.map(({ fixed }) => fixed))
  const fixed = newestOf(
    readReleases([record.mainlineFix])
      .concat(branchFixes)
      .filter((fix) => hasReached(fix, release)),
  )
  if (fixed !== undefined) return { finding: 'fixed', fix: word(fixed) }
  const inRange = record.affected.some(({ from, before }) => isWithin(release, from, before))
  const fix = nextFix(branchFixes.concat(readReleases(record.affected.map(({ before }) => before))), release)
  if (inRange) return { finding: 'affected', fix }
  const [first] = readReleases([record.notAffectedBefore])
  if (first !== undefined && compareReleases(release, first) < 0) return { finding: 'before', fix: null }
  if (record.affectedByDefault) return { finding: 'affected', fix }
  return { finding: record.affected.length === 0 ? 'never' : 'before', fix: null }
}

const isWithin = (release: UpstreamRelease, from: string, before: string | null): boolean => {
  const [start] = readReleases([from])
  const [end] = readReleases([before])
  return start !== undefined && hasReached(start, release) && (end === undefined || compareReleases(release, end) < 0)
}
