import type { CveItem, CveList, CveListQuery } from '@rebootless/shared/contract/cves.ts'
import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { decodeCursor, encodeCursor } from '../hosts/cursor.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { readAcceptedHosts } from './accepted-hosts.ts'
import { countHosts } from './count-hosts.ts'
import { readClassHosts } from './host-rows.ts'
import { type KnownCve, type KnownCves, readJudged } from './known-cves.ts'
import type { VerdictMatrices } from './verdict-matrix.ts'

export interface ExposureReader {
  readonly database: Kysely<DatabaseSchema>
  readonly primary: Kysely<DatabaseSchema>
  readonly matrices: VerdictMatrices
  readonly cves: KnownCves
}

type Counted = Omit<CveItem, 'exposedSince'>
/** What it is ordered by: numbers, greatest first, and then the id. */
type SortKey = readonly [...number[], string]

const dayNumber = (day: string | null) => (day === null ? 0 : Date.parse(day))

const keyOf = (cve: Counted, sort: CveListQuery['sort']): SortKey => {
  const bySeverity = [cve.knownExploitedOn === null ? 0 : 1, cve.score ?? -1, cve.hosts.exposed] as const
  switch (sort) {
    case 'severity':
      return [...bySeverity, cve.id]
    case 'exposed':
      return [cve.hosts.exposed, ...bySeverity, cve.id]
    case 'published':
      return [dayNumber(cve.publishedOn), cve.id]
    case 'epss':
      return [cve.epss ?? -1, cve.id]
    case 'id':
      return [cve.id]
  }
}

const compare = (left: SortKey, right: SortKey): number => {
  for (const [index, part] of left.entries()) {
    const other = right[index]
    if (part === other || other === undefined) continue
    if (typeof part === 'number' && typeof other === 'number') return other - part
    return part < other ? -1 : 1
  }
  return 0
}

/** A made-up key finds some place in the order, and nothing else. */
const isKey = (texts: readonly string[]) => texts.length >= 1 && texts.length <= 5 && texts.every((text) => text !== '')
const readKey = (texts: readonly string[]): SortKey => [...texts.slice(0, -1).map(Number), texts.at(-1) ?? '']

export const matchesSearch = ({ id, title }: KnownCve, search: string): boolean => {
  const piece = search.toLowerCase()
  return piece === '' || id.toLowerCase().includes(piece) || title?.toLowerCase().includes(piece) === true
}

/** @throws DomainError `filter_invalid`, `cursor_invalid` */
export const listCves = async (
  { database, primary, matrices, cves }: ExposureReader,
  scope: HostScope,
  query: CveListQuery,
  { at, asOf, lock }: { readonly at: Date | null; readonly asOf: string; readonly lock: number },
): Promise<CveList> => {
  const { sort, limit, cursor, ...choice } = query
  const of = JSON.stringify(choice)
  const after = cursor === undefined ? undefined : readKey(decodeCursor(of, sort, cursor, isKey))
  const asked = { scope, filter: query.filter, at }
  const [classes, { known, epss }, judged] = await Promise.all([
    readClassHosts(database, asked),
    cves.at(at),
    readJudged(database, primary, lock),
  ])
  const [matrix, accepted] = await Promise.all([
    matrices.of(
      classes.map(({ classId }) => classId),
      at,
    ),
    readAcceptedHosts(database, asked, classes, new Date(asOf)),
  ])
  const counts = countHosts(classes, matrix, known, accepted)
  const found = [...known.values()]
    .filter((cve) => query.severity === undefined || cve.severity === query.severity)
    .filter((cve) => query.knownExploited === undefined || cve.knownExploitedOn !== null)
    .filter((cve) => matchesSearch(cve, query.search))
    .map((cve) => ({ ...cve, epss: epss.get(cve.id) ?? null, hosts: counts.of(cve.id) }))
    .filter((cve) => query.status === undefined || cve.hosts[query.status] > 0)
    .map((cve) => ({ cve, key: keyOf(cve, sort) }))
    .sort((left, right) => compare(left.key, right.key))
  const behind = after === undefined ? found : found.filter(({ key }) => compare(after, key) < 0)
  const page = behind.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map(({ cve }) => ({ ...cve, exposedSince: counts.exposedSince(cve.id) })),
    nextCursor: behind.length > limit && last !== undefined ? encodeCursor(of, sort, last.key.map(String)) : null,
    total: found.length,
    ...{ hostCount: counts.hostCount, hostsWaiting: counts.hostsWaiting, ...judged, asOf },
  }
}
