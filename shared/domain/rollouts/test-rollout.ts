import { RolloutPlan } from '../../contract/rollout-plan.ts'
import type {
  RolloutAct,
  RolloutDecision,
  RolloutOrder,
  RolloutOrderResult,
  RolloutReading,
} from '../../contract/rollouts-api.ts'
import { newRollout } from './new-rollout.ts'
import type { RolloutHost, RolloutInput, RolloutState } from './rollout-state.ts'
import { stepRollout } from './step-rollout.ts'

const SHA = 'c'.repeat(64)
const ROLLOUT = '22222222-2222-4222-8222-222222222222'
/** A Friday, 21:00 in Berlin. */
export const FRIDAY = Date.parse('2026-11-27T20:00:00.000Z')

export const testPlan = (change: object = {}): RolloutPlan =>
  RolloutPlan.parse({
    version: 1,
    name: 'fix',
    reason: 'CVE-2026-1',
    change: { kind: 'load', patches: [SHA] },
    hosts: 'label.env:prod',
    waves: [
      { name: 'canary', share: { kind: 'count', hosts: 1 } },
      { name: 'rest', share: { kind: 'rest' } },
    ],
    ...change,
  })

export const testHosts = (
  count: number,
  labels: (index: number) => Record<string, string> = () => ({}),
): RolloutHost[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `33333333-3333-4333-8333-${String(index + 1).padStart(12, '0')}`,
    name: `web-${String(index + 1).padStart(2, '0')}`,
    labels: labels(index),
    fit: { fits: true, artefact: SHA, patch: 'lp_fix' },
  }))

/** A rollout in a test's hands: what hosts say is said by the test, and all that was read of them stays. */
export class TestRollout {
  readonly plan: RolloutPlan
  state: RolloutState
  now: number
  readonly #hosts: readonly RolloutHost[]
  readonly orders: RolloutOrder[] = []
  readonly decisions: RolloutDecision[] = []
  #revision = 1

  constructor(plan: RolloutPlan, hosts: readonly RolloutHost[], now = FRIDAY) {
    this.plan = plan
    this.now = now
    this.#hosts = hosts
    this.state = newRollout(ROLLOUT, plan, hosts, now)
    this.step({ readings: hosts.map(({ id }) => this.reading(id)) })
  }

  /** As it is when nothing is known to be wrong. */
  reading(host: string, change: Partial<RolloutReading> = {}): RolloutReading {
    const found = this.#hosts.find(({ id }) => id === host)
    this.#revision += 1
    return {
      host,
      revision: this.#revision,
      connected: true,
      lastSeenAt: null,
      effect: this.plan.change.kind === 'disable' ? 'in' : 'out',
      stalledBy: null,
      busyWith: null,
      refusal: null,
      fit: found?.fit ?? { fits: false, why: 'unknown' },
      domains: this.plan.limits.domains.map(({ label }) => found?.labels[label] ?? null),
      incidents: [],
      incidentsKnown: true,
      ...change,
    }
  }

  /** One step after so many seconds. @returns the orders it gave */
  step(input: Partial<RolloutInput> = {}, seconds = 1): readonly RolloutOrder[] {
    this.now += seconds * 1000
    const nothing = {
      frozen: false,
      approvalMissing: null,
      readings: [],
      results: [],
      gates: [],
      acts: [],
      newcomers: [],
    }
    const step = stepRollout(this.plan, this.state, { now: this.now, ...nothing, ...input })
    this.state = step.state
    this.orders.push(...step.orders)
    this.decisions.push(...step.decisions)
    return step.orders
  }

  act(act: RolloutAct, by = 'ann') {
    return this.step({ acts: [{ by, act }] })
  }

  /** What the host shows from now on. */
  read(host: string, change: Partial<RolloutReading>) {
    return this.step({ readings: [this.reading(host, change)] })
  }

  result(order: RolloutOrder | undefined, state: RolloutOrderResult['state'], code: string | null = null) {
    if (order === undefined) throw new Error('there is no such order')
    return this.step({ results: [{ order: order.id, host: order.host, state, code, detail: code }] })
  }

  /** Hosts do what they were told, at once. @returns what they are told then */
  obey(orders: readonly RolloutOrder[]) {
    const results = orders.map(({ id, host }) => ({
      order: id,
      host,
      state: 'done' as const,
      code: null,
      detail: null,
    }))
    const effectOf = ({ action }: RolloutOrder) => (action === 'disable' || action === 'reversal' ? 'out' : 'in')
    const readings = orders.map((order) => this.reading(order.host, { effect: effectOf(order) }))
    return this.step({ results, readings })
  }

  /** Time passes, watched. */
  wait(seconds: number): readonly RolloutOrder[] {
    const orders: RolloutOrder[] = []
    for (let left = seconds; left > 0; left -= 60) orders.push(...this.step({}, Math.min(60, left)))
    return orders
  }

  get last(): RolloutOrder | undefined {
    return this.orders.at(-1)
  }

  stageOf(host: string) {
    return this.state.hosts.get(host)?.stage
  }

  stages(): string[] {
    return [...this.state.hosts.values()].map(({ stage }) => stage)
  }

  kinds(): string[] {
    return this.decisions.map(({ kind }) => kind)
  }
}
