import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { EnrolmentStore } from '../link/ports.ts'
import { tellOfEnrolment } from './enrolment-event.ts'
import { insertNewHosts } from './new-hosts.ts'

export type EnrolmentRequest = Parameters<EnrolmentStore['enrol']>[0]

/**
 * Enrols several hosts in one transaction, each by a use of its token. The tokens' rows are locked first, in one order,
 * so of many at once as many get through as a token has uses (threat-model T15).
 * @returns for each whether its token was good
 */
export const enrolHosts = (
  database: Kysely<DatabaseSchema>,
  requests: readonly EnrolmentRequest[],
): Promise<boolean[]> =>
  database.transaction().execute(async (transaction) => {
    const hashes = [...new Set(requests.map(({ tokenHash }) => tokenHash))]
    const rows = await transaction
      .selectFrom('enrolment_tokens')
      .selectAll()
      .where(sql<boolean>`token_hash = any(${hashes}::text[])`)
      .where('revoked_at', 'is', null)
      .where('uses_left', '>', 0)
      .orderBy('token_hash')
      .forUpdate()
      .execute()
    const tokens = new Map(rows.map((row) => [row.token_hash, { row, usesLeft: row.uses_left }]))
    const letIn = requests.map((request) => {
      const token = tokens.get(request.tokenHash)
      if (token === undefined || token.usesLeft === 0 || token.row.expires_at <= request.now) return undefined
      token.usesLeft -= 1
      const { id: tokenId, labels, origin, created_by: letInBy } = token.row
      return { ...request, tokenId, labels, origin, letInBy }
    })
    const used = [...tokens.values()].filter(({ row, usesLeft }) => usesLeft < row.uses_left)
    if (used.length > 0) {
      await sql`update enrolment_tokens as token set uses_left = used.uses_left
        from unnest(
          ${used.map(({ row }) => row.token_hash)}::text[], ${used.map(({ usesLeft }) => usesLeft)}::int[]
        ) as used (token_hash, uses_left)
        where token.token_hash = used.token_hash`.execute(transaction)
    }
    await insertNewHosts(
      transaction,
      letIn.filter((one) => one !== undefined),
    )
    // The fleet's own tokens are in no list.
    const [first] = requests
    if (first !== undefined && used.some(({ row }) => !row.own)) await tellOfEnrolment(transaction, first.now)
    return letIn.map((one) => one !== undefined)
  })
