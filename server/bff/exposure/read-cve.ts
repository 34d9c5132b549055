import type { CveDetail } from '@rebootless/shared/contract/cves.ts'
import type { KnownNotice, Provenance } from '@rebootless/shared/contract/vulnerabilities.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { FeedKind } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { readAcceptedHosts } from './accepted-hosts.ts'
import { countHosts } from './count-hosts.ts'
import { type AskedHosts, holdsAt, readClassHosts } from './host-rows.ts'
import { readJudged } from './known-cves.ts'
import type { ExposureReader } from './list-cves.ts'

const LIVEPATCHES_MAX = 100

interface Said {
  readonly feed_name: string
  readonly feed_kind: FeedKind
  readonly document: string
  readonly published_on: string | null
  readonly from_at: Date
}

const provenanceOf = ({ feed_name, feed_kind, document, published_on, from_at }: Said): Provenance => ({
  ...{ feed: feed_name, kind: feed_kind, document, publishedOn: published_on, readAt: from_at.toISOString() },
})

export const cveNotFound = () =>
  new DomainError('cve_not_found', 'No feed speaks of this CVE, or none did at that moment. See the list of CVEs.')

/** @throws DomainError `cve_not_found`, `filter_invalid` */
export const readCve = async (
  { database, primary, matrices, cves }: ExposureReader,
  id: string,
  asked: AskedHosts,
  { asOf, lock }: { readonly asOf: string; readonly lock: number },
): Promise<CveDetail> => {
  const { at } = asked
  const { known, epss } = await cves.at(at)
  const cve = known.get(id)
  if (cve === undefined) throw cveNotFound()
  const [statements, notices, classes, judged] = await Promise.all([
    readStatements(database, id, at),
    readNotices(database, id, at),
    readClassHosts(database, asked),
    readJudged(database, primary, lock),
  ])
  const [matrix, accepted] = await Promise.all([
    matrices.of(
      classes.map(({ classId }) => classId),
      at,
    ),
    readAcceptedHosts(database, asked, classes, new Date(asOf)),
  ])
  const counts = countHosts(classes, matrix, new Map([[id, cve]]), accepted)
  const records = statements.flatMap(({ statement }) => (statement.kind === 'record' ? [statement] : []))
  return {
    ...cve,
    description: records.find(({ description }) => description !== null)?.description ?? null,
    epss: epss.get(id) ?? null,
    hosts: counts.of(id),
    exposedSince: counts.exposedSince(id),
    statements,
    livepatches: notices.slice(0, LIVEPATCHES_MAX).map((known) => ofCve(known, id)),
    livepatchCount: notices.length,
    ...{ hostCount: counts.hostCount, hostsWaiting: counts.hostsWaiting, ...judged, asOf },
  }
}

/** One notice may fix hundreds. */
const ofCve = ({ notice, from }: KnownNotice, id: string): KnownNotice => ({
  notice: { ...notice, cves: [id], functions: notice.functions.filter(({ cve }) => cve === id) },
  from,
})

const readStatements = async (
  database: Kysely<DatabaseSchema>,
  id: string,
  at: Date | null,
): Promise<CveDetail['statements']> => {
  const rows = await database
    .selectFrom('cve_statements')
    .select(['feed_name', 'feed_kind', 'document', 'published_on', 'from_at', 'body'])
    .where('cve_id', '=', id)
    .where(holdsAt(at, 'cve_statements'))
    .orderBy('id')
    .execute()
  return rows.map((row) => ({ statement: row.body, from: provenanceOf(row) }))
}

const readNotices = async (database: Kysely<DatabaseSchema>, id: string, at: Date | null): Promise<KnownNotice[]> => {
  const rows = await database
    .selectFrom('livepatch_notices')
    .select(['feed_name', 'feed_kind', 'document', 'published_on', 'from_at', 'body'])
    .where(sql<boolean>`livepatch_notice_cves(body) @> array[${id}]`)
    .where(holdsAt(at, 'livepatch_notices'))
    .execute()
  const published = ({ notice }: KnownNotice) => notice.publishedOn ?? ''
  return rows
    .map((row) => ({ notice: row.body, from: provenanceOf(row) }))
    .sort((left, right) => (published(left) < published(right) ? 1 : published(left) > published(right) ? -1 : 0))
}
