import type { AuditChain, AuditHeads, AuditList, AuditListQuery } from '@rebootless/shared/contract/audit-api.ts'
import type { PublicKey } from '@rebootless/shared/contract/signed.ts'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { Reads } from '../database/replica/reads.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { exportLines, exportTable } from './export.ts'
import { selectLast, selectLinks, selectRecords, selectRoleOwnsLog, selectSomeHeads } from './queries.ts'

export interface Audit {
  list(query: AuditListQuery): Promise<AuditList>
  chain(from: number, limit: number): Promise<AuditChain>
  heads(): Promise<AuditHeads>
  exportLines(): AsyncIterable<string>
  exportTable(): AsyncIterable<string>
}

const NEWEST_HEADS = 100

export const createAudit = (
  /** Who verifies asks the log itself: its chain, and its heads with what the role may do. */
  database: Kysely<DatabaseSchema>,
  { read }: Pick<Reads, 'read'>,
  clock: Clock,
  publicKey: PublicKey,
  /** What was found wrong with the log; null: nothing. */
  broken: () => string | null,
): Audit => ({
  async list(query) {
    const records = await read((from) => selectRecords(from, query))
    const items = records.slice(0, query.limit)
    const last = items.at(-1)
    const nextCursor = records.length > items.length && last !== undefined ? String(last.sequence) : null
    return { items, nextCursor, asOf: clock.now().toISOString() }
  },
  async chain(from, limit) {
    return { links: await selectLinks(database, from, limit) }
  },
  async heads() {
    // Heads first: what is appended meanwhile must not look like a head beyond the end.
    const heads = await selectSomeHeads(database, NEWEST_HEADS)
    const { sequence: last } = await selectLast(database)
    return { last, publicKey, heads, broken: broken(), roleOwnsLog: await selectRoleOwnsLog(database) }
  },
  exportLines: () => exportLines(read, publicKey, clock.now()),
  exportTable: () => exportTable(read),
})
