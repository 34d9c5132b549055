import type { KeySignature } from '@rebootless/shared/contract/signed.ts'
import { isOpen } from '@rebootless/shared/domain/authorisation-state.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import type { Kysely, Transaction } from 'kysely'
import { isSigned } from '../../signing/ed25519.ts'
import { appendAudit } from '../audit/append-audit.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { appendEvents, type NewEvent } from '../events/append-event.ts'
import { type Act, done } from './act.ts'
import { authorisationTarget, type Reader, readAuthorisation } from './authorisation-views.ts'
import { notifyCommands } from './notify.ts'

const refused = (detail: string) => new DomainError('signature_refused', detail)

/**
 * Takes an approver's detached signature over the stored text. One person signs once, with a key that was registered as
 * his before the request was made, so that nobody makes himself an approver for it (threat-model T23, T25).
 * @throws DomainError `authorisation_not_found`, `authorisation_closed`, `signature_refused`
 */
export const signAuthorisation = (
  database: Kysely<DatabaseSchema>,
  id: string,
  signature: KeySignature,
  who: Signer,
): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    await appendEvents(transaction, await signText(transaction, id, signature, who))
  })

type Signer = Act & Reader & { readonly username: string }

/**
 * The same within a transaction that signs several texts, and appends what it returns when it has signed them all.
 * @throws DomainError as signAuthorisation
 */
export const signText = async (
  transaction: Transaction<DatabaseSchema>,
  id: string,
  { publicKey, signature }: KeySignature,
  who: Signer,
): Promise<readonly NewEvent[]> => {
  // Held until the commit: a cancellation, and a key that is taken back, come before this or after it.
  const row = await transaction
    .selectFrom('authorisations')
    .select('rollout_id')
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  const authorisation = await readAuthorisation(transaction, id, who, who.now)
  if (!isOpen(authorisation.state)) throw new DomainError('authorisation_closed', authorisation.stateReason)
  if (authorisation.cannotSign !== null) throw refused(authorisation.cannotSign)
  const key = await transaction
    .selectFrom('approver_keys')
    .select(['id', 'name', 'registered_at'])
    .where('public_key', '=', publicKey)
    .where('user_id', '=', who.userId)
    .where('revoked_at', 'is', null)
    .forShare()
    .executeTakeFirst()
  if (key === undefined)
    throw refused('This key is not registered as yours: register it first, and have it asked anew.')
  if (key.registered_at.toISOString() > authorisation.requestedAt) {
    throw refused('This key was registered after the request was made: have it asked anew.')
  }
  if (!isSigned({ publicKey, signature }, PAYLOAD_TYPES.authorisation, authorisation.payload)) {
    throw refused('The signature does not fit the text: sign exactly what `rebootless approve` fetched or read.')
  }
  await transaction
    .insertInto('authorisation_signatures')
    .values({
      authorisation_id: id,
      user_id: who.userId,
      key_id: key.id,
      username: who.username,
      public_key: publicKey,
      signature,
      signed_at: who.now,
    })
    .execute()
  const enough = authorisation.approvals.length + 1 >= authorisation.approvalsNeeded
  const alive = await transaction
    .updateTable('commands')
    .set({ waiting_for: enough ? null : 'It waits for one more approval.' })
    .where('authorisation_id', '=', id)
    .where('state', '=', 'waiting')
    .returning('host_id')
    .execute()
  await appendAudit(
    transaction,
    done(who, {
      action: 'authorisation.sign',
      target: authorisationTarget(authorisation),
      after: {
        sha256: authorisation.sha256,
        publicKey,
        keyName: key.name,
        approvals: authorisation.approvals.length + 1,
      },
    }),
  )
  await notifyCommands(transaction)
  const told = { revision: 0, at: who.now }
  return [
    ...alive.map(({ host_id: hostId }) => ({ type: 'command.changed' as const, hostId, ...told })),
    ...(row?.rollout_id == null
      ? []
      : [{ type: 'rollout.changed' as const, hostId: null, rolloutId: row.rollout_id, ...told }]),
  ]
}
