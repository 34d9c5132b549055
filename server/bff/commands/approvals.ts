import type { ApprovalFacts } from '@rebootless/shared/domain/authorisation-state.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

export interface StoredApproval extends ApprovalFacts {
  readonly signature: string
  readonly signedAt: Date
}

/** Who signed each authorisation, and whether he may still approve: asked anew at each look (threat-model T25). */
export const readApprovals = async (
  database: Kysely<DatabaseSchema>,
  authorisationIds: readonly string[],
): Promise<ReadonlyMap<string, readonly StoredApproval[]>> => {
  const found = new Map<string, StoredApproval[]>(authorisationIds.map((id) => [id, []]))
  if (authorisationIds.length === 0) return found
  const { rows } = await sql<{
    authorisation_id: string
    user_id: string
    username: string
    public_key: string
    signature: string
    signed_at: Date
    lost: ApprovalFacts['lost']
  }>`
    select signed.authorisation_id, signed.user_id, signed.username, signed.public_key, signed.signature,
      signed.signed_at, case
        when users.id is null then 'removed'
        when users.disabled_at is not null then 'disabled'
        when users.role <> 'approver' then 'role'
        when key.id is null or key.revoked_at is not null then 'key revoked'
      end as lost
    from authorisation_signatures as signed
    left join users on users.id = signed.user_id
    left join approver_keys as key on key.id = signed.key_id and key.user_id = signed.user_id
    where signed.authorisation_id = any(${authorisationIds}::uuid[])
    order by signed.signed_at`.execute(database)
  for (const row of rows) {
    found.get(row.authorisation_id)?.push({
      userId: row.user_id,
      username: row.username,
      publicKey: row.public_key,
      signature: row.signature,
      signedAt: row.signed_at,
      lost: row.lost,
    })
  }
  return found
}
