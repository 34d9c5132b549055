import type { Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { Target } from './send-message.ts'

/**
 * Longer than a try can last (10 s for the call, and 10 s more to look for what Grafana has; 10 s to reach a mail server and 30 s to
 * talk with it), so only a backend that died lets it run out.
 */
const CLAIM_MS = 60_000

export const claimedUntil = (now: Date): Date => new Date(now.getTime() + CLAIM_MS)

/** Keeps the claim for one more try. @returns undefined: it is lost, or the channel is off or rests */
export const holdChannel = async (
  transaction: Transaction<DatabaseSchema>,
  { claim, channelId, now }: { claim: string; channelId: string; now: Date },
): Promise<Target | undefined> => {
  const held = await transaction
    .updateTable('channel_progress')
    .set({ claimed_until: claimedUntil(now) })
    .where('channel_id', '=', channelId)
    .where('claim', '=', claim)
    .where('next_at', '<=', now)
    .returning('channel_id')
    .executeTakeFirst()
  if (held === undefined) return undefined
  return transaction
    .selectFrom('channels')
    .select(['id', 'kind', 'address', 'secret', 'settings'])
    .where('id', '=', channelId)
    .where('enabled', '=', true)
    .executeTakeFirst()
}
