import type { RolloutDecision, RolloutOrder, RolloutOrderResult, RolloutReading } from '../../contract/rollouts-api.ts'
import { mayCommit } from './fencing.ts'
import { newRollout } from './new-rollout.ts'
import { ENDED, type RolloutState, type RolloutStep } from './rollout-state.ts'
import { stepRollout } from './step-rollout.ts'
import { FRIDAY, testHosts, testPlan } from './test-rollout.ts'

const ROLLOUT = '44444444-4444-4444-8444-444444444444'
const TICK_MS = 10_000
const TICKS_MAX = 400

/** Three waves over six hosts in two racks, with soaks and a window that holds all of it. */
const PLAN = testPlan({
  waves: [
    { name: 'canary', share: { kind: 'count', hosts: 1 }, soakSeconds: 240 },
    { name: 'half', share: { kind: 'percent', percent: 50 }, soakSeconds: 180 },
    { name: 'rest', share: { kind: 'rest' } },
  ],
  gates: [{ kind: 'kernel log' }, { kind: 'agents' }],
  limits: { atOnce: 2, domains: [{ label: 'rack', atMost: 1 }] },
  windows: [{ timeZone: 'Europe/Berlin', days: ['friday'], from: '20:30', to: '23:30' }],
})
const HOSTS = testHosts(6, (index) => ({ rack: index % 2 === 0 ? 'a' : 'b' }))

/** What happens at one effect: a commit that orders or decides something. They count from 1. */
export interface RunFault {
  readonly effect: number
  readonly kind: 'killed before' | 'killed after' | 'frozen leader' | 'freeze' | 'clock'
  /** Of the servers' clock, for two minutes. */
  readonly clockTo?: (now: number) => number
}

export interface Run {
  readonly state: RolloutState
  readonly orders: readonly RolloutOrder[]
  readonly decisions: readonly RolloutDecision[]
  /** Commits that ordered or decided something. */
  readonly effects: number
  readonly rejected: number
  /** Told while the freeze stood. */
  readonly toldInFreeze: number
  /** How long each wave soaked, in milliseconds of true time. */
  readonly soaked: readonly number[]
}

/** The same rollout each time, but for one fault. */
export const faultyRun = (fault: RunFault | null): Run => {
  let state = newRollout(ROLLOUT, PLAN, HOSTS, FRIDAY)
  let now = FRIDAY
  let lease = 1
  let effects = 0
  let rejected = 0
  let toldInFreeze = 0
  let faultAt: number | null = null
  let asleep: { readonly held: number; readonly step: RolloutStep; readonly wakesAt: number } | null = null
  let isStarted = false
  const orders: RolloutOrder[] = []
  const decisions: RolloutDecision[] = []
  const done = new Map<string, number>()
  const settledAt = new Map<number, number>()
  const soaked: number[] = []

  const commit = (held: number, step: RolloutStep): boolean => {
    if (!mayCommit(held, lease)) return false
    state = step.state
    decisions.push(...step.decisions)
    for (const { kind, wave } of step.decisions) {
      if (kind === 'wave settled' && wave !== null) settledAt.set(wave, now)
      if (kind === 'wave done' && wave !== null) soaked.push(now - (settledAt.get(wave) ?? now))
    }
    // The outbox takes each id once.
    for (const order of step.orders) if (!orders.some(({ id }) => id === order.id)) orders.push(order)
    return true
  }

  for (let tick = 0; tick < TICKS_MAX && !(ENDED.has(state.phase) && asleep === null); tick += 1) {
    now += TICK_MS
    for (const { id } of orders) done.set(id, done.get(id) ?? now + 15_000)
    const isDone = (order: RolloutOrder) => (done.get(order.id) ?? now) < now
    const isFaulty = faultAt !== null && now - faultAt < 2 * 60_000
    const frozen = isFaulty && fault?.kind === 'freeze'
    const clock = isFaulty ? (fault?.clockTo?.(now) ?? now) : now
    if (asleep !== null && now >= asleep.wakesAt) {
      if (!commit(asleep.held, asleep.step)) rejected += 1
      asleep = null
    }
    const step = stepRollout(PLAN, state, {
      now: clock,
      frozen,
      approvalMissing: null,
      readings: HOSTS.map((host): RolloutReading => {
        const order = orders.find((one) => one.host === host.id)
        return {
          host: host.id,
          revision: order === undefined ? 1 : isDone(order) ? 3 : 2,
          connected: true,
          lastSeenAt: null,
          effect: order === undefined ? 'out' : isDone(order) ? 'in' : 'going in',
          stalledBy: null,
          busyWith: null,
          refusal: null,
          fit: host.fit,
          domains: [host.labels.rack ?? null],
          incidents: [],
          incidentsKnown: true,
        }
      }),
      results: orders.map(
        (order): RolloutOrderResult => ({
          order: order.id,
          host: order.host,
          state: isDone(order) ? 'done' : 'started',
          code: null,
          detail: null,
        }),
      ),
      gates: [],
      acts: isStarted ? [] : [{ by: 'ann', act: { kind: 'start', reason: 'a fix' } }],
      newcomers: [],
    })
    const isEffect = step.orders.length + step.decisions.length > 0
    const strikes = isEffect && fault !== null && faultAt === null && effects + 1 === fault.effect
    if (strikes) faultAt = now
    if (strikes && fault.kind === 'killed before') continue
    if (strikes && fault.kind === 'frozen leader') {
      asleep = { held: lease, step, wakesAt: now + 60_000 }
      lease += 1
      continue
    }
    if (frozen) toldInFreeze += step.orders.length
    commit(lease, step)
    isStarted = true
    if (isEffect) effects += 1
    if (strikes && fault.kind === 'killed after') now += 5_000
  }
  return { state, orders, decisions, effects, rejected, toldInFreeze, soaked }
}
