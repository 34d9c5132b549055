import { AuditEntry, type AuditLink } from '@rebootless/shared/contract/audit.ts'
import type { AuditListQuery, AuditRecord } from '@rebootless/shared/contract/audit-api.ts'
import type { Signed } from '@rebootless/shared/contract/signed.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { type Expression, type Kysely, type SqlBool, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

type Db = Kysely<DatabaseSchema>

/** LIKE's own signs are plain characters here (PostgreSQL documentation, 9.7.1). */
const anywhere = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`

/** Newest first; one more than `limit`, so that the caller knows whether there is another page. */
export const selectRecords = async (database: Db, query: AuditListQuery): Promise<AuditRecord[]> => {
  const rows = await database
    .selectFrom('audit')
    .select(['sequence', 'hash', 'entry'])
    .where((eb) => {
      const words: Expression<SqlBool>[] = []
      if (query.cursor !== undefined) words.push(eb('sequence', '<', query.cursor))
      if (query.search !== undefined) words.push(eb('entry', 'ilike', anywhere(query.search)))
      if (query.actor !== undefined) words.push(eb('actor_name', 'ilike', anywhere(query.actor)))
      if (query.action?.includes('.')) words.push(eb('action', '=', query.action))
      else if (query.action !== undefined) words.push(eb('action', 'like', `${anywhere(query.action).slice(1, -1)}.%`))
      if (query.target !== undefined) {
        words.push(eb.or([eb('target_id', '=', query.target), eb('target_name', 'ilike', anywhere(query.target))]))
      }
      if (query.result !== undefined) words.push(eb('result', '=', query.result))
      if (query.from !== undefined) words.push(eb('at', '>=', new Date(query.from)))
      if (query.to !== undefined) words.push(eb('at', '<', new Date(query.to)))
      return eb.and(words)
    })
    .orderBy('sequence', 'desc')
    .limit(query.limit + 1)
    .execute()
  return rows.map(({ sequence, hash, entry }) => ({ sequence: Number(sequence), hash, entry: readEntry(entry) }))
}

/** What stands where an entry was made unreadable: the page shows that there is one, and the chain that it was altered. */
const UNREADABLE: AuditEntry = {
  at: '1970-01-01T00:00:00.000Z',
  actor: { kind: 'server', id: null, name: '', address: null },
  action: 'audit.unreadable',
  target: null,
  reason: 'The text of this entry is not one that this program writes: verify the log.',
  result: 'failed',
  problem: null,
  before: null,
  after: null,
  requestId: null,
}

/** An entry from its text. */
export const readEntry = (text: string): AuditEntry => {
  try {
    return AuditEntry.parse(JSON.parse(text))
  } catch {
    return UNREADABLE
  }
}

/** The exact links from `from` on, oldest first. */
export const selectLinks = async (database: Db, from: number, limit: number, to?: number): Promise<AuditLink[]> => {
  const rows = await database
    .selectFrom('audit')
    .select(['sequence', 'previous_hash', 'hash', 'entry'])
    .where('sequence', '>=', String(from))
    .$if(to !== undefined, (query) => query.where('sequence', '<=', String(to)))
    .orderBy('sequence')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    sequence: Number(row.sequence),
    previousHash: row.previous_hash,
    hash: row.hash,
    entry: row.entry,
  }))
}

/** The last link's place; sequence 0 of an empty log. */
export const selectLast = async (database: Db): Promise<{ sequence: number; hash: string | null }> => {
  const row = await database
    .selectFrom('audit')
    .select(['sequence', 'hash'])
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst()
  return { sequence: Number(row?.sequence ?? 0), hash: row?.hash ?? null }
}

/** Undefined: there is no such entry. */
export const selectHashAt = async (database: Db, sequence: number): Promise<string | undefined> => {
  const row = await database
    .selectFrom('audit')
    .select('hash')
    .where('sequence', '=', String(sequence))
    .executeTakeFirst()
  return row?.hash
}

const signedOf = (row: { payload: string; public_key: string; signature: string }): Signed => ({
  type: PAYLOAD_TYPES.auditHead,
  payload: row.payload,
  signatures: [{ publicKey: row.public_key, signature: row.signature }],
})

export const selectNewestHead = async (
  database: Db,
): Promise<{ sequence: number; hash: string; signed: Signed } | undefined> => {
  const row = await database
    .selectFrom('audit_heads')
    .selectAll()
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? undefined : { sequence: Number(row.sequence), hash: row.hash, signed: signedOf(row) }
}

/** Oldest first, of entries `from` to `to`. */
export const selectHeads = async (
  database: Db,
  from: number,
  limit: number,
  to: number,
): Promise<{ sequence: number; signed: Signed }[]> => {
  const rows = await database
    .selectFrom('audit_heads')
    .selectAll()
    .where('sequence', '>=', String(from))
    .where('sequence', '<=', String(to))
    .orderBy('sequence')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ sequence: Number(row.sequence), signed: signedOf(row) }))
}

/** The newest `newest` of them, and about as many of the others, evenly, the first among them; oldest first. */
export const selectSomeHeads = async (database: Db, newest: number): Promise<Signed[]> => {
  const { rows } = await sql<{ payload: string; public_key: string; signature: string }>`
    select payload, public_key, signature from (
      select *, row_number() over (order by sequence desc) as age, row_number() over (order by sequence) as place,
        count(*) over () as total
      from audit_heads
    ) as head
    where age <= ${newest} or (place - 1) % greatest(1, total / ${newest}) = 0
    order by sequence`.execute(database)
  return rows.map(signedOf)
}

/** Whether the role that we work under owns the log, or may do all: then it could take the triggers off that guard it. */
export const selectRoleOwnsLog = async (database: Db): Promise<boolean> => {
  const { rows } = await sql<{ owns: boolean }>`
    select pg_has_role(current_user, relowner, 'USAGE') as owns from pg_class where oid = 'audit'::regclass`.execute(
    database,
  )
  return rows[0]?.owns ?? true
}
