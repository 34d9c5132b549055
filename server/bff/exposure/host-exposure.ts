import type { HostExposureList, HostExposureQuery } from '@rebootless/shared/contract/cves.ts'
import type { DoubtOfHost, ExposureFacts, Verdict } from '@rebootless/shared/contract/exposure.ts'
import type { Labels } from '@rebootless/shared/contract/labels.ts'
import type { Exposure, VerdictStatus } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import type { HostOrigin } from '@rebootless/shared/domain/words.ts'
import { type Kysely, sql } from 'kysely'
import { acceptedAt } from '../compliance/accepted.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { decodeCursor, encodeCursor } from '../hosts/cursor.ts'
import { hostNotFound } from '../hosts/host-scope.ts'
import { MAY_BE_ACCEPTED } from './acceptable.ts'
import { noCounts } from './count-hosts.ts'
import { PLACES } from './exposure-order.ts'
import { readHostHistory } from './host-history.ts'
import { type AskedHosts, holdsAt, hostRows } from './host-rows.ts'
import { briefOf, type KnownCve, readJudged } from './known-cves.ts'
import { type ExposureReader, matchesSearch } from './list-cves.ts'

const isKey = ([place = '', ...rest]: readonly string[]) => /^\d{1,7}$/.test(place) && rest.length === 0

/** Known exploited first, then by score; the id settles it. */
const urgentFirst = (left: KnownCve, right: KnownCve): number =>
  Number(right.knownExploitedOn !== null) - Number(left.knownExploitedOn !== null) ||
  (right.score ?? -1) - (left.score ?? -1) ||
  (left.id < right.id ? -1 : 1)

/** What each CVE is to one host. @throws DomainError `cursor_invalid`, `host_not_found` */
export const listHostExposure = async (
  { database, primary, cves }: ExposureReader,
  id: string,
  asked: AskedHosts,
  { status, search, limit, cursor }: HostExposureQuery,
  { asOf, lock }: { readonly asOf: Date; readonly lock: number },
): Promise<HostExposureList> => {
  const of = JSON.stringify([id, asked.at, status, search])
  const [from = '0'] = cursor === undefined ? [] : decodeCursor(of, 'severity', cursor, isKey)
  const [{ judgedAt }, host] = await Promise.all([readJudged(database, primary, lock), readHost(database, id, asked)])
  const nothing = { items: [], nextCursor: null, total: 0, counts: noCounts(), doubts: [], evidence: null }
  if (host === undefined && !(await isThere(database, id))) throw hostNotFound()
  if (host === undefined) return { ...nothing, waiting: false, judgedAt, asOf: asOf.toISOString() }
  const { doubts, class_id: classId } = host
  const evidence = { facts: host.facts, readAt: host.read_at?.toISOString() ?? null }
  const statuses = await readStatuses(database, classId, asked.at)
  const counts = noCounts()
  const { known } = await cves.at(asked.at)
  const accepted = await acceptedAt(database, asked.at ?? asOf)
  const { name, origin, labels } = host
  const filtered = { name, origin, labels, release: host.facts.release, architecture: host.facts.architecture }
  const untilOf = (cve: KnownCve, verdict: VerdictStatus) =>
    MAY_BE_ACCEPTED.has(verdict) ? accepted.until(cve, filtered) : null
  const exposures = new Map<string, { exposure: Exposure; until: Date | null }>()
  for (const [cveId, verdict] of statuses) {
    const cve = known.get(cveId)
    const until = cve === undefined ? null : untilOf(cve, verdict)
    const exposure = until === null ? verdict : 'accepted'
    exposures.set(cveId, { exposure, until })
    counts[exposure] += 1
  }
  const placeOf = ({ id: cveId }: KnownCve) => PLACES[exposures.get(cveId)?.exposure ?? 'not_affected']
  const found = [...known.values()]
    .filter((cve) => statuses.has(cve.id) && (status === undefined || exposures.get(cve.id)?.exposure === status))
    .filter((cve) => matchesSearch(cve, search))
    .sort((left, right) => placeOf(left) - placeOf(right) || urgentFirst(left, right))
  const end = Number(from) + limit
  const page = found.slice(Number(from), end)
  const ids = page.map((cve) => cve.id)
  const [verdicts, history] = await Promise.all([
    readBodies(database, classId, ids, asked.at),
    readHostHistory(database, new Map([[id, ids]]), asOf),
  ])
  return {
    items: page.flatMap((cve) => {
      const verdict = verdicts.get(cve.id)
      if (verdict === undefined) return []
      const since = (history.since(id, cve.id, verdict.status) ?? asOf).toISOString()
      const { exposure = verdict.status, until = null } = exposures.get(cve.id) ?? {}
      return [{ cve: briefOf(cve), exposure, verdict, since, acceptedUntil: until?.toISOString() ?? null }]
    }),
    nextCursor: found.length > end ? encodeCursor(of, 'severity', [String(end)]) : null,
    total: found.length,
    ...{ counts, doubts, evidence, waiting: statuses.size === 0, judgedAt, asOf: asOf.toISOString() },
  }
}

/** One that nothing has been read of has no class yet. Whether the caller may see it was asked before. */
const isThere = async (database: Kysely<DatabaseSchema>, id: string): Promise<boolean> =>
  (await database.selectFrom('hosts').select('id').where('id', '=', id).executeTakeFirst()) !== undefined

interface HostRow {
  readonly name: string
  readonly origin: HostOrigin
  readonly labels: Labels
  readonly class_id: string
  readonly doubts: DoubtOfHost[]
  readonly read_at: Date | null
  readonly facts: ExposureFacts
}

const readHost = async (database: Kysely<DatabaseSchema>, id: string, asked: AskedHosts) => {
  const { rows } = await sql<HostRow>`
    select hosts.name, hosts.origin, hosts.labels, hosts.class_id, hosts.doubts, hosts.read_at,
      exposure_classes.facts from ${hostRows(asked)}
    join exposure_classes on exposure_classes.id = hosts.class_id where hosts.id = ${id}`.execute(database)
  return rows[0]
}

const readStatuses = async (database: Kysely<DatabaseSchema>, classId: string, at: Date | null) => {
  const rows = await database
    .selectFrom('exposure_verdicts')
    .select(['cve_id', 'status'])
    .where('class_id', '=', classId)
    .where(holdsAt(at, 'exposure_verdicts'))
    .execute()
  return new Map(rows.map((row) => [row.cve_id, row.status]))
}

const readBodies = async (
  database: Kysely<DatabaseSchema>,
  classId: string,
  ids: readonly string[],
  at: Date | null,
): Promise<ReadonlyMap<string, Verdict>> => {
  if (ids.length === 0) return new Map()
  const rows = await database
    .selectFrom('exposure_verdicts')
    .select(['cve_id', 'body'])
    .where('class_id', '=', classId)
    .where('cve_id', 'in', [...ids])
    .where(holdsAt(at, 'exposure_verdicts'))
    .execute()
  return new Map(rows.map((row) => [row.cve_id, row.body]))
}
