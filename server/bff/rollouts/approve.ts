import type { RolloutApprovals } from '@rebootless/shared/contract/rollout-requests.ts'
import type { Kysely } from 'kysely'
import type { Act } from '../commands/act.ts'
import { authorisationNotFound, type Reader, readAuthorisation } from '../commands/authorisation-views.ts'
import { signText } from '../commands/sign-authorisation.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { appendEvents, type NewEvent } from '../events/append-event.ts'
import { requireVisible } from './visible.ts'

type Who = Act & Reader & { readonly username: string }

const textsOf = async (database: Kysely<DatabaseSchema>, id: string): Promise<string[]> => {
  const rows = await database
    .selectFrom('authorisations')
    .select('id')
    .where('rollout_id', '=', id)
    .orderBy('requested_at')
    .orderBy('id')
    .execute()
  return rows.map((row) => row.id)
}

/** @throws DomainError `rollout_not_found` */
export const readApprovalTexts = async (
  database: Kysely<DatabaseSchema>,
  id: string,
  who: Who,
): Promise<RolloutApprovals> => {
  await requireVisible(database, who.scope, id)
  const items: RolloutApprovals['items'] = []
  for (const text of await textsOf(database, id)) {
    const { hosts: _hosts, ...item } = await readAuthorisation(database, text, who, who.now)
    items.push(item)
  }
  return { items }
}

/**
 * Takes an approver's signatures over texts of a rollout: all of them, or none.
 * @throws DomainError `rollout_not_found`, `authorisation_not_found`, `authorisation_closed`, `signature_refused`
 */
export const approveRollout = async (
  database: Kysely<DatabaseSchema>,
  id: string,
  signatures: readonly { readonly authorisation: string; readonly publicKey: string; readonly signature: string }[],
  who: Who,
): Promise<void> => {
  await requireVisible(database, who.scope, id)
  const texts = new Set(await textsOf(database, id))
  if (!signatures.every(({ authorisation }) => texts.has(authorisation))) throw authorisationNotFound()
  await database.transaction().execute(async (transaction) => {
    // In one order, so that two who sign at once never wait for each other.
    const inOrder = [...signatures].sort((left, right) => (left.authorisation < right.authorisation ? -1 : 1))
    const events: NewEvent[] = []
    for (const { authorisation, publicKey, signature } of inOrder) {
      events.push(...(await signText(transaction, authorisation, { publicKey, signature }, who)))
    }
    await appendEvents(transaction, events)
  })
}
