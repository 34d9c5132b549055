import type { RolloutPolicy } from '../../contract/rollout-policy.ts'
import { counted, listed } from '../sentence.ts'
import { windowText } from './policy.ts'
import { spanText } from './rollout-clock.ts'

/** What a policy requires, a sentence for each. */
export const policyWords = ({
  firstWaveAtMost,
  soakSecondsAtLeast,
  gates,
  approvals,
  atOnceAtMost,
  domains = [],
  windows,
  budgetFailuresAtMost,
  stallPolicies,
}: RolloutPolicy['requires']): string[] => {
  const words: string[] = []
  if (firstWaveAtMost !== undefined) {
    const { hosts, percent } = firstWaveAtMost
    const most = [hosts === undefined ? [] : counted(hosts, 'host'), percent === undefined ? [] : `${percent} % of all`]
    words.push(`The first wave is at most ${listed(most.flat())}.`)
  }
  if (soakSecondsAtLeast !== undefined) {
    words.push(`Each wave soaks for at least ${spanText(soakSecondsAtLeast * 1000)}.`)
  }
  if (gates !== undefined) words.push(`Each wave has these gates: ${gates.join(', ')}.`)
  if (approvals !== undefined) {
    words.push(`A gate of each wave asks for ${approvals === 1 ? 'a person' : `${approvals} people`}.`)
  }
  if (atOnceAtMost !== undefined) words.push(`At most ${counted(atOnceAtMost, 'host')} in change at one time.`)
  for (const { label, atMost } of domains) {
    words.push(`At most ${counted(atMost, 'host')} of one ${label} in change at one time.`)
  }
  if (windows !== undefined) words.push(`Hosts begin only within ${windows.map(windowText).join('; ')}.`)
  if (budgetFailuresAtMost !== undefined) {
    words.push(
      budgetFailuresAtMost === 0 ? 'No host may fail.' : `At most ${counted(budgetFailuresAtMost, 'host')} may fail.`,
    )
  }
  if (stallPolicies !== undefined) words.push(`What becomes of a stalled transition: ${stallPolicies.join(' or ')}.`)
  return words
}
