import type { FleetKind } from '../../sim/fleet/fleet-mix.ts'
import { type HostPlan, hostPlan } from '../../sim/fleet/host-plan.ts'

/** The first host of a fleet that has livepatch, several patches, and something killable that can hold the newest back; the oldest is in. */
export const benchPlan = (): HostPlan => {
  for (let index = 0; index < 2_000; index += 1) {
    const plan = hostPlan(1, index)
    const newest = plan.patches.at(-1)
    const held = plan.holds.some(({ kind, function: name }) => kind === 'killable' && newest?.redirects.includes(name))
    if (plan.kind === 'klp' && plan.patches.length > 1 && held) return { ...plan, history: [0] }
  }
  throw new Error('no such host')
}

/** A host of that kind on which nothing is wrong, and which has none of its patches yet. */
export const planOf = (kind: FleetKind): HostPlan => {
  for (let index = 0; index < 3_000; index += 1) {
    const plan = hostPlan(1, index)
    if (plan.kind === kind && plan.trouble === null && plan.patches.length > 0)
      return { ...plan, history: [], tasks: [] }
  }
  throw new Error(`no host of ${kind}`)
}
