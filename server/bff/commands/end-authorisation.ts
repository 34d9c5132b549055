import { Authorisation } from '@rebootless/shared/contract/command.ts'
import { isOpen, lostApproval } from '@rebootless/shared/domain/authorisation-state.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Kysely, Transaction } from 'kysely'
import { SERVER } from '../access/doer.ts'
import { appendAudit } from '../audit/append-audit.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { appendEvents } from '../events/append-event.ts'
import { type Act, done } from './act.ts'
import { readApprovals } from './approvals.ts'
import {
  authorisationTarget,
  onlyHostName,
  providerNamed,
  type Reader,
  readAuthorisation,
} from './authorisation-views.ts'
import { hostsToReverse } from './hosts-to-reverse.ts'
import { insertWaiting } from './insert-waiting.ts'
import { notifyCommands } from './notify.ts'

const endWaiting = async (
  transaction: Transaction<DatabaseSchema>,
  id: string,
  end: { state: 'cancelled' | 'expired'; detail: string; now: Date },
): Promise<readonly string[]> => {
  const rows = await transaction
    .updateTable('commands')
    .set({ state: end.state, detail: end.detail, ended_at: end.now, waiting_for: null })
    .where('authorisation_id', '=', id)
    .where('state', '=', 'waiting')
    .returning('host_id')
    .execute()
  return rows.map((row) => row.host_id)
}

const tellHosts = (transaction: Transaction<DatabaseSchema>, hostIds: readonly string[], at: Date) =>
  appendEvents(
    transaction,
    hostIds.map((hostId) => ({ type: 'command.changed', hostId, revision: 0, at })),
  )

/**
 * Takes a request back: nothing more is made of it. What was sent already cannot be called back, only frozen or reversed.
 * @throws DomainError `authorisation_not_found`, `authorisation_closed`
 */
export const cancelAuthorisation = (
  database: Kysely<DatabaseSchema>,
  id: string,
  who: Act & Reader & { username: string },
): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    await transaction.selectFrom('authorisations').select('id').where('id', '=', id).forUpdate().execute()
    const authorisation = await readAuthorisation(transaction, id, who, who.now)
    const { state, stateReason } = authorisation
    if (!isOpen(state)) throw new DomainError('authorisation_closed', stateReason)
    if (authorisation.cannotCancel !== null) throw new DomainError('action_refused', authorisation.cannotCancel)
    await transaction
      .updateTable('authorisations')
      .set({ cancelled_at: who.now, cancelled_by: who.username })
      .where('id', '=', id)
      .execute()
    const hosts = await endWaiting(transaction, id, {
      state: 'cancelled',
      detail: `${who.username} cancelled it.`,
      now: who.now,
    })
    const target = authorisationTarget(authorisation)
    await appendAudit(transaction, done(who, { action: 'authorisation.cancel', target, before: { state } }))
    await tellHosts(transaction, hosts, who.now)
  })

/**
 * Has the patch taken out again where its authorisation put it in, as was approved with it. Host by host its own command;
 * those that never had it are left alone.
 * @throws DomainError `authorisation_not_found`, `authorisation_closed`, `action_refused`
 */
export const reverseAuthorisation = (
  database: Kysely<DatabaseSchema>,
  id: string,
  reason: string,
  who: Act & Reader & { username: string },
): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    await transaction.selectFrom('authorisations').select('id').where('id', '=', id).forUpdate().execute()
    const authorisation = await readAuthorisation(transaction, id, who, who.now)
    const { cannotReverse, payload } = authorisation
    if (cannotReverse !== null) throw new DomainError('action_refused', cannotReverse)
    const hosts = await hostsToReverse(transaction, id)
    // A host that has yet to begin must not put it in after it was taken out elsewhere.
    const waiting = await endWaiting(transaction, id, {
      state: 'cancelled',
      detail: `${who.username} had it reversed.`,
      now: who.now,
    })
    const { requestedAt } = Authorisation.parse(JSON.parse(payload))
    await insertWaiting(
      transaction,
      hosts.map((hostId) => ({
        ...{ authorisationId: id, part: 'reversal' as const, hostId, waitingFor: null, now: who.now },
        notBefore: new Date(requestedAt),
      })),
    )
    await appendAudit(
      transaction,
      done(who, {
        action: 'authorisation.reverse',
        target: authorisationTarget(authorisation),
        reason,
        after: { hosts: hosts.slice(0, 100), hostCount: hosts.length },
      }),
    )
    await notifyCommands(transaction)
    await tellHosts(transaction, [...new Set([...hosts, ...waiting])], who.now)
  })

/**
 * Ends what time, or the loss of an approver, has ended: its waiting commands, and, for good, an authorisation that is
 * void (threat-model T25).
 */
export const closeEndedAuthorisations = async (database: Kysely<DatabaseSchema>, now: Date): Promise<void> => {
  const open = await database
    .selectFrom('authorisations')
    .select(['id', 'action', 'patch', 'host_count', 'expires_at'])
    .select([providerNamed.as('provider'), onlyHostName.as('host_name')])
    .where('cancelled_at', 'is', null)
    .where('void_reason', 'is', null)
    .where((where) =>
      where.or([
        where.exists(
          where
            .selectFrom('commands')
            .select('commands.id')
            .whereRef('commands.authorisation_id', '=', 'authorisations.id')
            .where('state', 'in', ['waiting', 'sent']),
        ),
        // A rollout makes commands of it until it is over.
        where.and([
          where('expires_at', '>', now),
          where.exists(
            where
              .selectFrom('rollouts')
              .select('rollouts.id')
              .whereRef('rollouts.id', '=', 'authorisations.rollout_id')
              .where('ended_at', 'is', null),
          ),
        ]),
      ]),
    )
    .execute()
  const approvals = await readApprovals(
    database,
    open.map(({ id }) => id),
  )
  for (const { id, expires_at: expiresAt, host_count: hostCount, host_name: hostName, ...named } of open) {
    const lost = lostApproval(approvals.get(id) ?? [])
    if (lost === null && expiresAt > now) continue
    await database.transaction().execute(async (transaction) => {
      await transaction.selectFrom('authorisations').select('id').where('id', '=', id).forUpdate().execute()
      // Looked at again under the lock: it may have got back what it had lost, or another backend was first.
      const still = lostApproval((await readApprovals(transaction, [id])).get(id) ?? [])
      if (still === null && expiresAt > now) return
      if (still !== null) {
        await transaction.updateTable('authorisations').set({ void_reason: still }).where('id', '=', id).execute()
      }
      const detail = still ?? 'Its time was over before it was sent.'
      const hosts = await endWaiting(transaction, id, { state: still === null ? 'expired' : 'cancelled', detail, now })
      if (hosts.length === 0 && still === null) return
      await appendAudit(
        transaction,
        done(
          { ...SERVER, now },
          {
            action: still === null ? 'authorisation.expire' : 'authorisation.void',
            target: authorisationTarget({ id, hostCount, hostName, ...named }),
            reason: detail,
            after: { commandsEnded: hosts.length },
          },
        ),
      )
      await tellHosts(transaction, hosts, now)
    })
  }
}
