import type { RolloutDecision } from '@rebootless/shared/contract/rollouts-api.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { decisionMessage, ENDS_WAVE } from '@rebootless/shared/domain/rollouts/decision-message.ts'
import type { Transaction } from 'kysely'
import { appendDeliveries, type NewDelivery, type OpenChannel, openChannels } from '../channels/outbox.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { hostScopeOf } from '../hosts/host-scope.ts'
import type { StoredRollout } from './stored-rollout.ts'
import { isVisible } from './visible.ts'

const wants = ({ events: { decisions } }: OpenChannel, { kind }: RolloutDecision): boolean =>
  decisions === 'all' || decisions.includes(kind)

/** Each decision into the outbox of the channels that want it, in the transaction that decided. Call it once the log has them. */
export const tellChannels = async (
  transaction: Transaction<DatabaseSchema>,
  { plan, state }: Pick<StoredRollout, 'plan' | 'state'>,
  decisions: readonly RolloutDecision[],
  now: Date,
): Promise<void> => {
  if (decisions.length === 0) return
  const channels = await openChannels(transaction)
  const concerned = channels.filter((channel) => decisions.some((decision) => wants(channel, decision)))
  if (concerned.length === 0) return
  const messages = new Map<RolloutDecision, NewDelivery['message']>()
  for (const decision of decisions) {
    const begunAt = await waveBegunAt(transaction, state.id, decision)
    messages.set(decision, decisionMessage(plan, state, decision, begunAt))
  }
  const deliveries: NewDelivery[] = []
  for (const channel of concerned) {
    if (!(await concerns(transaction, channel, state.id))) continue
    for (const [decision, message] of messages) {
      if (!wants(channel, decision)) continue
      deliveries.push({ channelId: channel.id, summary: `${plan.name}: ${decision.sentence}`, message })
    }
  }
  await appendDeliveries(transaction, deliveries, now)
}

/** A scope that cannot be read holds nothing, and a message too few is better than no step. */
const concerns = async (
  transaction: Transaction<DatabaseSchema>,
  { scope }: OpenChannel,
  id: string,
): Promise<boolean> => {
  try {
    return await isVisible(transaction, hostScopeOf({ scope }), id)
  } catch (error) {
    if (error instanceof DomainError) return false
    throw error
  }
}

const waveBegunAt = async (
  transaction: Transaction<DatabaseSchema>,
  id: string,
  { kind, wave, number }: RolloutDecision,
): Promise<string | null> => {
  if (wave === null || !ENDS_WAVE.has(kind)) return null
  const begun = await transaction
    .selectFrom('rollout_decisions')
    .select('decision')
    .where('rollout_id', '=', id)
    .where('kind', '=', 'wave begun')
    .where('number', '<', number)
    .orderBy('number', 'desc')
    .execute()
  return begun.find(({ decision }) => decision.wave === wave)?.decision.at ?? null
}
