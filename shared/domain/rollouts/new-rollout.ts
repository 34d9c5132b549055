import type { RolloutPlan } from '../../contract/rollout-plan.ts'
import type { HostProgress } from '../../contract/rollouts-api.ts'
import { domainsOf, planWaves } from './plan-waves.ts'
import { gatesOf, type RolloutHost, type RolloutState } from './rollout-state.ts'

const progressOf = (
  plan: RolloutPlan,
  host: RolloutHost,
  rest: Pick<HostProgress, 'wave' | 'stage' | 'why'> & { readonly at: string; readonly watched: number },
): HostProgress => ({
  id: host.id,
  name: host.name,
  wave: rest.wave,
  stage: rest.stage,
  since: rest.at,
  sinceWatched: rest.watched,
  why: rest.why,
  attempt: 0,
  order: null,
  outcome: null,
  retries: 0,
  forgiven: false,
  orderWatched: null,
  toldWatched: null,
  doneWatched: null,
  doneOrder: null,
  ours: false,
  domains: domainsOf(plan, host),
  unheardWatched: null,
  busyWatched: null,
  expiries: 0,
  leaving: null,
  reading: null,
})

/** A host that goes in this wave. */
export const waitingHost = (
  plan: RolloutPlan,
  host: RolloutHost,
  place: { readonly wave: number; readonly at: string; readonly watched: number },
): HostProgress => progressOf(plan, host, { ...place, stage: 'waiting', why: null })

/** A rollout that nobody has started, with each host in its place. */
export const newRollout = (id: string, plan: RolloutPlan, hosts: readonly RolloutHost[], now: number): RolloutState => {
  const at = new Date(now).toISOString()
  const { waves, others } = planWaves(plan, hosts, id)
  const all = [
    ...waves.flatMap((wave, index) =>
      wave.hosts.map((host) => waitingHost(plan, host, { wave: index, at, watched: 0 })),
    ),
    ...others.map(({ host, stage, why }) => progressOf(plan, host, { wave: null, stage, why, at, watched: 0 })),
  ]
  return {
    id,
    phase: 'draft',
    since: at,
    sinceWatched: 0,
    because: null,
    wave: 0,
    waves: plan.waves.map((_, index) => ({
      stage: 'not begun',
      round: 0,
      since: null,
      sinceWatched: 0,
      gates: gatesOf(plan, index).map(() => null),
      approvals: gatesOf(plan, index).map(() => []),
    })),
    reversal: null,
    doneCount: 0,
    decisions: 0,
    clock: { at, watched: 0, doubtUntil: 0 },
    hosts: new Map(all.map((host) => [host.id, host])),
  }
}
