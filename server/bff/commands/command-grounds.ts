import { type Selectable, sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { readApprovals, type StoredApproval } from './approvals.ts'

/** More than these wait for their turn. */
const ALIVE_MAX = 50

export const aliveCommands = (transaction: Transaction<DatabaseSchema>, hostId: string) =>
  transaction
    .selectFrom('commands')
    .selectAll()
    .where('host_id', '=', hostId)
    .where('state', 'in', ['waiting', 'sent'])
    .orderBy('created_at')
    .orderBy('id')
    .limit(ALIVE_MAX)

/**
 * Holds the host and the certificate of its link: a quarantine, a removal, a revocation waits for this transaction or is
 * seen by it (threat-model T17, T18). The host before all else, as everyone who changes it does; a freeze then waits for
 * none of this.
 * @param hostKey SHA-256 of the key by which the link was opened, hex
 * @returns undefined: removed, or every certificate of that key has ended
 */
export const lockIdentity = async (
  transaction: Transaction<DatabaseSchema>,
  hostId: string,
  hostKey: string,
): Promise<{ quarantined: boolean } | undefined> => {
  const host = await transaction
    .selectFrom('hosts')
    .select('quarantined_at')
    .where('id', '=', hostId)
    .forShare()
    .executeTakeFirst()
  if (host === undefined) return undefined
  // Certificates of an earlier version were stored without their key.
  const good = await transaction
    .selectFrom('certificates')
    .select('fingerprint')
    .where('host_id', '=', hostId)
    .where('revoked_at', 'is', null)
    .where((where) => where.or([where('key_fingerprint', '=', hostKey), where('key_fingerprint', 'is', null)]))
    .forShare()
    .execute()
  return good.length === 0 ? undefined : { quarantined: host.quarantined_at !== null }
}

/** What a command rests on. */
export interface Ground {
  readonly authorisation: Selectable<DatabaseSchema['authorisations']>
  readonly approvals: readonly StoredApproval[]
}

/**
 * Holds what this host's commands rest on, and the rows that make approvals good: a cancellation, a user who is being
 * disabled, a key that is being taken back, waits for this transaction or is seen by it. Before the commands themselves,
 * as everyone who changes both does.
 */
export const lockGrounds = async (
  transaction: Transaction<DatabaseSchema>,
  hostId: string,
): Promise<ReadonlyMap<string, Ground>> => {
  const ids = [...new Set((await aliveCommands(transaction, hostId).execute()).map((row) => row.authorisation_id))]
  if (ids.length === 0) return new Map()
  const authorisations = await transaction
    .selectFrom('authorisations')
    .selectAll()
    .where('id', 'in', ids)
    .orderBy('id')
    .forShare()
    .execute()
  const signatures = sql`authorisation_signatures where authorisation_id = any(${ids}::uuid[])`
  await sql`select from users where id in (select user_id from ${signatures}) order by id for share`.execute(
    transaction,
  )
  await sql`select from approver_keys where id in (select key_id from ${signatures}) order by id for share`.execute(
    transaction,
  )
  const approvals = await readApprovals(transaction, ids)
  return new Map(authorisations.map((row) => [row.id, { authorisation: row, approvals: approvals.get(row.id) ?? [] }]))
}
