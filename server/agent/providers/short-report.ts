import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'

interface Kept {
  readonly patches: number
  readonly cvesOfEach: number
  readonly steps: number
}

const TROUBLES_MAX = 16

/**
 * A report with less in it, for a snapshot that would not fit into one message: without stacks and functions, and with no
 * more than is given of the rest. A list of which nothing is left is not known, rather than empty.
 */
export const shortReport = (report: ProviderReport, kept: Kept): ProviderReport => {
  const first = <T>(list: readonly T[] | null, count: number): T[] | null =>
    list === null || (count === 0 && list.length > 0) ? null : list.slice(0, count)
  const withCves = <T extends { readonly cves: string[] }>(entry: T): T => ({
    ...entry,
    cves: entry.cves.slice(0, kept.cvesOfEach),
  })
  const short: ProviderReport = {
    ...report,
    patches: first(report.patches, kept.patches)?.map(({ objects: _objects, ...patch }) => withCves(patch)) ?? null,
    steps: first(report.steps, kept.steps)?.map(withCves) ?? null,
    blockers: report.blockers.map((blocker) => ({ ...blocker, stack: [] })),
  }
  if (JSON.stringify(short) === JSON.stringify(report) || report.troubles.at(-1)?.text === TOO_MUCH) return short
  return {
    ...short,
    troubles: [...report.troubles.slice(0, TROUBLES_MAX - 1), { source: report.name, code: null, text: TOO_MUCH }],
  }
}

const TOO_MUCH = 'It has more to tell than one message holds, so some of it was left out.'
