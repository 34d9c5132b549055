import { MESSAGE_HOSTS_MAX, type RolloutDecided } from '../../contract/channel-messages.ts'
import type { Instant } from '../../contract/primitives.ts'
import type { RolloutPlan } from '../../contract/rollout-plan.ts'
import type { RolloutDecision } from '../../contract/rollouts-api.ts'
import { plainText } from '../channel-text.ts'
import type { RolloutState } from './rollout-state.ts'
import type { DecisionKind } from './rollout-words.ts'

/** With such a decision a wave is over, for good or to be undone. */
export const ENDS_WAVE: ReadonlySet<DecisionKind> = new Set([
  'wave done',
  'wave undone',
  'aborted',
  'reversing',
  'reversing by itself',
])

const NAME_MAX = 300

/**
 * A decision as it leaves this server: all that may hold a host's or a person's words is escaped and bounded.
 * @param state after the step of this decision
 * @param begunAt when its wave began last; null: it is not known, or the decision does not end one
 */
export const decisionMessage = (
  { name, waves }: Pick<RolloutPlan, 'name' | 'waves'>,
  state: RolloutState,
  decision: RolloutDecision,
  begunAt: Instant | null,
): RolloutDecided => ({
  type: 'rollout.decided',
  timestamp: decision.at,
  data: {
    rollout: { id: state.id, name: plainText(name, NAME_MAX), phase: state.phase, path: `/rollouts/${state.id}` },
    ...{ number: decision.number, kind: decision.kind },
    wave:
      decision.wave === null
        ? null
        : { number: decision.wave + 1, name: plainText(waves[decision.wave]?.name ?? '', 150), begunAt },
    sentence: plainText(decision.sentence),
    because: decision.because === null ? null : plainText(decision.because),
    by: decision.by,
    hosts: decision.hosts.slice(0, MESSAGE_HOSTS_MAX).map((id) => ({
      id,
      name: plainText(state.hosts.get(id)?.name ?? '', NAME_MAX),
    })),
    hostCount: decision.hosts.length,
  },
})
