import type {
  CveKnowledge,
  CveStatement,
  CveStatementOf,
  KnownNotice,
  Provenance,
} from '../../contract/vulnerabilities.ts'
import { readReleases, type UpstreamRelease } from './kernel-version.ts'
import { indexNotices, type NoticeIndex } from './livepatch-notices.ts'

type Kind = CveStatement['kind']

/** A statement of one kind, with whose it is. */
export interface Said<K extends Kind> {
  readonly statement: CveStatementOf<K>
  readonly from: Provenance
}

/** Upstream's pairs, read once. */
export interface PreparedPairs {
  readonly introduced: readonly UpstreamRelease[]
  readonly fixes: readonly UpstreamRelease[]
  /** Of some pair it is not known since when. */
  readonly sinceEver: boolean
  /** Each came and went within one release. */
  readonly never: boolean
  readonly from: Provenance
}

/** What is known of one CVE, sorted by kind once, so that it can be asked for every class. */
export interface PreparedCve {
  readonly id: string
  readonly records: readonly Said<'record'>[]
  readonly pairs: readonly PreparedPairs[]
  readonly upstreamRecords: readonly Said<'upstream_record'>[]
  /** By `PRODUCT PACKAGE`. */
  readonly vendors: ReadonlyMap<string, readonly Said<'vendor'>[]>
  /** Files of the fix, as all records have them. */
  readonly files: readonly string[]
}

export interface PreparedKnowledge {
  readonly cves: ReadonlyMap<string, PreparedCve>
  readonly notices: NoticeIndex
}

export const vendorKey = (product: string, name: string): string => `${product} ${name}`

const isOf = <K extends Kind>(statement: CveStatement, kind: K): statement is CveStatementOf<K> =>
  statement.kind === kind

const preparePairs = ({ statement: { pairs }, from }: Said<'upstream_pairs'>): PreparedPairs => ({
  introduced: readReleases(pairs.map(({ introduced }) => introduced)),
  fixes: readReleases(pairs.map(({ fixed }) => fixed)),
  sinceEver: pairs.some(({ introduced }) => introduced === null),
  never: pairs.every(({ introduced, fixed }) => introduced !== null && introduced === fixed),
  from,
})

const prepareCve = ({ id, statements }: CveKnowledge): PreparedCve => {
  const of = <K extends Kind>(kind: K): Said<K>[] =>
    statements.flatMap(({ statement, from }) => (isOf(statement, kind) ? [{ statement, from }] : []))
  const records = of('record')
  const vendors = new Map<string, Said<'vendor'>[]>()
  for (const said of of('vendor')) {
    const key = vendorKey(said.statement.product, said.statement.package)
    vendors.set(key, [...(vendors.get(key) ?? []), said])
  }
  return {
    ...{ id, records, vendors, upstreamRecords: of('upstream_record') },
    pairs: of('upstream_pairs')
      .filter(({ statement }) => statement.pairs.length > 0)
      .map(preparePairs),
    files: [...new Set(records.flatMap(({ statement }) => statement.files))],
  }
}

/** Made once for all classes. */
export const prepareKnowledge = (
  cves: readonly CveKnowledge[],
  notices: readonly KnownNotice[],
): PreparedKnowledge => ({
  cves: new Map(cves.map((knowledge) => [knowledge.id, prepareCve(knowledge)])),
  notices: indexNotices(notices),
})
