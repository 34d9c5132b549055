import type { RolloutPlan } from '../../contract/rollout-plan.ts'
import type { RolloutHead, WaveProgress } from '../../contract/rollouts-api.ts'
import { gatesOf, overRefusal } from './rollout-state.ts'

/** Why a person cannot let a wave pass a gate now, in a sentence; null: he can. */
export const whyNotApproved = (
  plan: RolloutPlan,
  {
    phase,
    waves,
  }: Pick<RolloutHead, 'phase'> & { readonly waves: readonly Pick<WaveProgress, 'stage' | 'approvals'>[] },
  { wave, gate }: { readonly wave: number; readonly gate: number },
  by: string | null,
): string | null => {
  const over = overRefusal(phase)
  if (over !== null) return over
  if (gatesOf(plan, wave)[gate]?.kind !== 'approval' || waves[wave] === undefined) return 'No person is asked there.'
  if (waves[wave].stage === 'done') return 'The wave has passed.'
  // Whoever approves has seen the wave: it is no blank permission for one that has not begun.
  if (waves[wave].stage === 'not begun') return 'The wave has not begun.'
  return by !== null && waves[wave].approvals[gate]?.includes(by) ? 'You have approved it.' : null
}
