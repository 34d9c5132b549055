import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { RolloutOrder, RolloutReading } from '@rebootless/shared/contract/rollouts-api.ts'
import type { DryRunHost } from '@rebootless/shared/domain/rollouts/dry-run/dry-run-work.ts'
import { newRollout } from '@rebootless/shared/domain/rollouts/new-rollout.ts'
import { ENDED } from '@rebootless/shared/domain/rollouts/rollout-state.ts'
import { stepRollout } from '@rebootless/shared/domain/rollouts/step-rollout.ts'
import { mixed, Random } from '../core/random.ts'
import { holdingTask } from '../fleet/holds.ts'
import { hostPlan } from '../fleet/host-plan.ts'
import type { FleetPatch } from '../fleet/patch-images.ts'
import { SimulatedHost } from '../fleet/simulated-host.ts'

/** A host of the simulated fleet, the patch that it is to get, and how a dry run sees it. */
export interface FleetHost {
  readonly machine: SimulatedHost
  readonly patch: FleetPatch
  readonly seen: DryRunHost
}

const SECOND_US = 1_000_000

/** The first hosts of a fleet that are behind and have a livepatch yet to get. */
export const fleetHosts = (seed: number, count: number, startedAtMs: number): FleetHost[] => {
  const found: FleetHost[] = []
  for (let index = 0; found.length < count; index += 1) {
    const plan = hostPlan(seed, index)
    const isOurs = (plan.kind === 'livepatch' || plan.kind === 'klp') && plan.condition === 'behind'
    const patch = plan.patches.at(-1)
    if (!isOurs || patch === undefined || plan.history.at(-1) === plan.patches.length - 1) continue
    found.push({
      machine: new SimulatedHost({ plan, startedAtMs }),
      patch,
      seen: {
        ...{ id: `77777777-7777-4777-8777-${String(index).padStart(12, '0')}`, name: plan.name, labels: plan.labels },
        fit: { fits: true, artefact: `${plan.kernel.release} ${plan.architecture}`, patch: patch.image.name },
        ...{ effect: 'out', connected: true, refusal: null, incidentsKnown: true },
        ...{ release: plan.release, architecture: plan.architecture, tasks: plan.tasks.length, load: null },
        ...{ past: [], asleep: [], refusedByKernel: null, reliableStacks: plan.kernel.features.reliableStacks },
      },
    })
  }
  return found
}

/** Puts a task to sleep in one of the functions that the host's patch changes. @returns what a forecast says of it; null: none can */
export const putToSleep = ({ machine, patch }: FleetHost): string | null => {
  const hold = machine.plan.holds.find((one) => patch.redirects.includes(one.function))
  if (hold === undefined || machine.kernel === null) return null
  machine.kernel.machine.spawn(holdingTask(hold))
  return `${hold.comm} sleeps in ${hold.function}`
}

/**
 * The rollout as it really goes on these machines: a look each second, orders that take a moment, and what each kernel then does.
 * @returns seconds until it is done, null: it was not within its time; and who stalled for longer than fifteen
 */
export const rollOut = (
  plan: RolloutPlan,
  id: string,
  hosts: readonly FleetHost[],
  {
    seed,
    beginsAt,
    secondsMax = 1200,
  }: { readonly seed: number; readonly beginsAt: number; readonly secondsMax?: number },
): { seconds: number | null; stalled: string[] } => {
  const random = new Random(mixed(seed, 99))
  const fromUs = Math.max(...hosts.map(({ machine }) => machine.nowUs))
  let state = newRollout(
    id,
    plan,
    hosts.map(({ seen }) => seen),
    beginsAt,
  )
  const waiting: { order: RolloutOrder; atUs: number }[] = []
  const begun = new Map<string, { order: RolloutOrder; atUs: number; told: boolean }>()
  const stalled = new Set<string>()
  const lateUs = () => random.integer(0.2 * SECOND_US, 1.5 * SECOND_US)
  for (let second = 1; second <= secondsMax; second += 1) {
    const nowUs = fromUs + second * SECOND_US
    const readings: RolloutReading[] = []
    const results: Parameters<typeof stepRollout>[2]['results'][number][] = []
    for (const { machine, patch, seen } of hosts) {
      const due = waiting.findIndex(({ order, atUs }) => order.host === seen.id && atUs <= nowUs)
      const [next] = due === -1 ? [] : waiting.splice(due, 1)
      if (next !== undefined) {
        machine.advanceTo(next.atUs)
        machine.kernel?.finitModule(patch.image)
        begun.set(seen.id, { order: next.order, atUs: next.atUs, told: false })
      }
      machine.advanceTo(nowUs)
      const one = begun.get(seen.id)
      const there = machine.kernel?.state.livepatch.patches.find(({ name }) => name === patch.image.name)
      const changing = machine.kernel?.state.livepatch.changing.patch ?? null
      const isGoing = changing !== null && there !== undefined && changing.name === there.name
      const lasts = one === undefined ? 0 : (nowUs - one.atUs) / SECOND_US
      if (isGoing && lasts > 15) stalled.add(seen.name)
      const effect = there === undefined ? 'out' : isGoing ? 'going in' : 'in'
      if (one !== undefined && !one.told && effect === 'in') {
        results.push({ order: one.order.id, host: seen.id, state: 'done', code: null, detail: null })
        begun.set(seen.id, { ...one, told: true })
      }
      readings.push({
        ...{ host: seen.id, revision: second, connected: true, lastSeenAt: null, effect, refusal: null, fit: seen.fit },
        ...{
          stalledBy: isGoing && lasts > 2.8 ? 'a task' : null,
          domains: [],
          busyWith: null,
          incidents: [],
          incidentsKnown: true,
        },
      })
    }
    const step = stepRollout(plan, state, {
      ...{ now: beginsAt + second * 1000, frozen: false, approvalMissing: null, readings, results },
      ...{ gates: [], newcomers: [] },
      acts: second === 1 ? [{ by: 'ann', act: { kind: 'start', reason: 'a test' } }] : [],
    })
    state = step.state
    for (const order of step.orders) waiting.push({ order, atUs: nowUs + lateUs() })
    if (ENDED.has(state.phase)) return { seconds: second, stalled: [...stalled] }
  }
  return { seconds: null, stalled: [...stalled] }
}
