import type { Labels } from '@rebootless/shared/contract/labels.ts'
import type { WaitingHost } from '@rebootless/shared/contract/waiting-room.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { endsFingerprint } from '@rebootless/shared/domain/key-fingerprint.ts'
import type { Kysely } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { tellOfEnrolment } from './enrolment-event.ts'
import type { Doer } from './tokens.ts'
import { WAITING_MS } from './waiting-room.ts'

const since = (now: Date): Date => new Date(now.getTime() - WAITING_MS)

/** Who waits, was approved and has not asked since, or was denied; the newest first. */
export const listWaiting = async (database: Kysely<DatabaseSchema>, now: Date): Promise<WaitingHost[]> => {
  const rows = await database
    .selectFrom('enrolment_requests')
    .selectAll()
    .where('asked_at', '>', since(now))
    .where('state', '<>', 'enrolled')
    .orderBy('asked_at', 'desc')
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    name: row.host_name,
    address: row.address,
    keyFingerprint: row.key_fingerprint,
    askedAt: row.asked_at.toISOString(),
    lastAskedAt: row.last_asked_at.toISOString(),
    expiresAt: new Date(row.asked_at.getTime() + WAITING_MS).toISOString(),
    state: row.state === 'enrolled' ? 'approved' : row.state,
    decidedBy: row.decided_by,
  }))
}

type Decision =
  | { readonly state: 'approved'; readonly fingerprintEnd: string; readonly labels: Labels }
  | { readonly state: 'denied'; readonly reason: string }

/**
 * Lets a waiting host in, or not; decided once.
 * @throws DomainError `waiting_host_not_found`, `confirmation_mismatch`
 */
export const decideWaiting = (
  database: Kysely<DatabaseSchema>,
  id: string,
  decision: Decision,
  doer: Doer,
  now: Date,
): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const request = await transaction
      .selectFrom('enrolment_requests')
      .selectAll()
      .where('id', '=', id)
      .where('state', '=', 'waiting')
      .where('asked_at', '>', since(now))
      .forUpdate()
      .executeTakeFirst()
    if (request === undefined) {
      throw new DomainError(
        'waiting_host_not_found',
        'This host does not wait any more: it was decided on, or an hour has gone by. It may ask again.',
      )
    }
    if (decision.state === 'approved' && !endsFingerprint(request.key_fingerprint, decision.fingerprintEnd)) {
      throw new DomainError(
        'confirmation_mismatch',
        'These are not the last eight characters of this key: read them on the screen of the host itself.',
      )
    }
    const labels = decision.state === 'approved' ? decision.labels : {}
    await transaction
      .updateTable('enrolment_requests')
      .set({ state: decision.state, decided_at: now, decided_by: doer.username, labels: JSON.stringify(labels) })
      .where('id', '=', id)
      .execute()
    await appendAudit(transaction, {
      at: now.toISOString(),
      actor: doer.actor,
      action: decision.state === 'approved' ? 'waiting_host.approve' : 'waiting_host.deny',
      target: { kind: 'waiting_host', id, name: request.host_name },
      reason: decision.state === 'denied' ? decision.reason : null,
      ...{ result: 'done', problem: null, before: null, requestId: doer.requestId },
      after: { keyFingerprint: request.key_fingerprint, address: request.address, labels },
    })
    await tellOfEnrolment(transaction, now)
  })
