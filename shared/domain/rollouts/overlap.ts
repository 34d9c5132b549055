import type { RolloutPlan } from '../../contract/rollout-plan.ts'
import { counted, listed } from '../sentence.ts'

/** A host as a rollout has it: of one that runs, only those whose change is still to come or is not over. */
interface Overlapping {
  readonly id: string
  readonly name: string
}

export interface Overlap {
  readonly hosts: readonly string[]
  /** Names both rollouts and the hosts. */
  readonly sentence: string
}

/** What two rollouts would change at once; null: they go side by side. Whoever begins second is refused. */
export const overlapOf = (
  planA: Pick<RolloutPlan, 'name'>,
  hostsA: readonly Overlapping[],
  planB: Pick<RolloutPlan, 'name'>,
  hostsB: readonly Overlapping[],
): Overlap | null => {
  const ofA = new Set(hostsA.map(({ id }) => id))
  const both = hostsB.filter(({ id }) => ofA.has(id))
  if (both.length === 0) return null
  const names = listed(both.map(({ name }) => name))
  const sentence = `${planA.name} and ${planB.name} would change ${counted(both.length, 'host')} at once: ${names}. Leave them out of one, or wait for the other.`
  return { hosts: both.map(({ id }) => id), sentence }
}
