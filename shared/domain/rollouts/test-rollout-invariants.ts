import type { RolloutPlan } from '../../contract/rollout-plan.ts'
import { HostProgress, RolloutDecision, RolloutHead, type RolloutOrder } from '../../contract/rollouts-api.ts'
import { replayRollout } from './replay.ts'
import {
  ENDED,
  GRACE_MS,
  isInChange,
  isSettled,
  ORDER_MS,
  type RolloutInput,
  type RolloutState,
  type RolloutStep,
  startOf,
} from './rollout-state.ts'
import type { TestSimulatedHost } from './test-simulated-host.ts'
import type { TestSimulatedOutbox } from './test-simulated-outbox.ts'

const UNDO = new Set(['reversal', 'reverse', 'enable'])

/** What must hold after each event. Each violation is a sentence; a run without one leaves none. */
export class TestRolloutInvariants {
  readonly violations: string[] = []
  readonly #plan: RolloutPlan
  readonly #begun: number[]
  #looked = 0
  readonly #walls: Intl.DateTimeFormat[]

  constructor(plan: RolloutPlan) {
    this.#plan = plan
    this.#begun = plan.waves.map(() => 0)
    this.#walls = plan.windows.map(
      ({ timeZone }) =>
        new Intl.DateTimeFormat('en-GB', {
          timeZone,
          weekday: 'long',
          hour: '2-digit',
          minute: '2-digit',
          hourCycle: 'h23',
        }),
    )
  }

  #violated(what: string): void {
    if (this.violations.length < 5) this.violations.push(what)
  }

  /** At the moment of a commit. */
  ofStep(before: RolloutState, step: RolloutStep, input: RolloutInput, outbox: TestSimulatedOutbox, now: number): void {
    if (input.frozen && step.orders.length > 0) this.#violated('somebody was told in a freeze')
    const seen = new Set<string>()
    for (const order of step.orders) {
      if (seen.has(order.host)) this.#violated(`${order.host} was told twice in one step`)
      seen.add(order.host)
      this.#ofOrder(before, step.state, order, outbox, now)
    }
    if (step.orders.length > 0) this.#limits(step.state)
  }

  #ofOrder(
    before: RolloutState,
    after: RolloutState,
    order: RolloutOrder,
    outbox: TestSimulatedOutbox,
    now: number,
  ): void {
    const host = after.hosts.get(order.host)
    if (host === undefined || host.wave === null || this.#plan.exclude.includes(order.host)) {
      this.#violated(`${order.host} is outside the plan and was told`)
      return
    }
    const isUndo = UNDO.has(order.action)
    const said = `${order.action} of ${host.name}`
    if (outbox.entries.has(order.id)) this.#violated(`${said}: number ${order.attempt} was given before`)
    const last = outbox.latestOf(order.host)
    const isSilent = last !== undefined && (last.state === 'waiting' || last.state === 'sent')
    if (isSilent && now - last.insertedAt < ORDER_MS + GRACE_MS)
      this.#violated(`${said}: told twice without a result between`)
    const isUnmade = last !== undefined && last.order.action !== order.action
    if (!isUndo && isSilent && !isUnmade)
      this.#violated(`${said}: told again though nobody knows what became of the last order`)
    const { phase } = before
    if (!isUndo && phase !== 'running' && after.phase !== 'running' && !this.#stoppedAfter(before, after))
      this.#violated(`${said} while it is ${phase}`)
    const waves = after.waves.slice(0, host.wave)
    if (!isUndo && waves.some(({ stage }) => stage !== 'done'))
      this.#violated(`${said} before the waves before were done`)
  }

  /** The step told whom it still might, and stopped by what it found at others' turns. */
  #stoppedAfter(before: RolloutState, after: RolloutState): boolean {
    return before.phase !== 'running' && after.decisions - before.decisions > 1
  }

  #limits(state: RolloutState): void {
    this.#hold([...state.hosts.values()].filter(isInChange), 'by what it counts')
  }

  #hold(hosts: readonly HostProgress[], how: string): void {
    const { atOnce, domains } = this.#plan.limits
    if (atOnce !== null && hosts.length > atOnce) this.#violated(`${hosts.length} of ${atOnce} in change, ${how}`)
    for (const [index, { label, atMost }] of domains.entries()) {
      const counts = new Map<string | null, number>()
      for (const { domains: values } of hosts) {
        const value = values[index] ?? null
        counts.set(value, (counts.get(value) ?? 0) + 1)
      }
      for (const [value, count] of counts) {
        if (count > atMost) this.#violated(`${count} of ${atMost} in change in ${label} ${value}, ${how}`)
      }
    }
  }

  /** By what kernels really do, whatever anybody knows. */
  ofHosts(state: RolloutState, hosts: ReadonlyMap<string, TestSimulatedHost>): void {
    // Whom people or the plan left out, or gave up to undo, is theirs to look after.
    const changing = [...state.hosts.values()].filter(
      ({ id, stage }) => hosts.get(id)?.isGoing === true && stage !== 'left out' && stage !== 'undo failed',
    )
    this.#hold(changing, 'by their kernels')
    for (const host of hosts.values()) {
      for (const { order, at } of host.begun.splice(0)) {
        if (!UNDO.has(order.action) && !this.#isInWindow(at)) {
          this.#violated(`${host.nature.name} began ${new Date(at).toISOString()}, out of its window`)
        }
      }
    }
  }

  #isInWindow(at: number): boolean {
    if (this.#plan.windows.length === 0) return true
    return this.#plan.windows.some(({ days, from, to }, index) => {
      const wall = this.#walls[index]
      const parts = wall?.formatToParts(at) ?? []
      const part = (type: string) => parts.find((one) => one.type === type)?.value ?? ''
      const time = `${part('hour')}:${part('minute')}`
      const order = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
      const today = order.indexOf(part('weekday').toLowerCase())
      const onDay = (day: number) => (days as readonly string[]).includes(order[(day + 7) % 7] ?? '')
      if (from < to) return onDay(today) && from <= time && time < to
      return (onDay(today) && from <= time) || (onDay(today - 1) && time < to)
    })
  }

  same(first: RolloutStep, second: RolloutStep): void {
    const textOf = ({ state, orders, decisions }: RolloutStep) =>
      JSON.stringify([{ ...state, hosts: [...state.hosts.values()] }, orders, decisions])
    if (textOf(first) !== textOf(second)) this.#violated('the same step twice came to two outcomes')
  }

  ofSentence(sentence: string): void {
    if (!/^\S.*[^ ]$/s.test(sentence) || /undefined|null|NaN| {2}/.test(sentence))
      this.#violated(`it says “${sentence}”`)
  }

  ofLog(state: RolloutState, decisions: readonly RolloutDecision[]): void {
    for (; this.#looked < decisions.length; this.#looked += 1) {
      const decision = decisions[this.#looked]
      if (decision === undefined) break
      if (decision.number !== this.#looked)
        this.#violated(`decision ${decision.number} stands in place ${this.#looked}`)
      const { kind, wave } = decision
      if (wave === null) continue
      if (kind === 'wave begun') {
        this.#begun[wave] = (this.#begun[wave] ?? 0) + 1
        if (this.#begun[wave] !== 1) this.#violated(`wave ${wave} was begun twice`)
      }
      if (kind === 'wave undone') this.#begun[wave] = 0
    }
    const replayed = replayRollout(this.#plan.waves.length, decisions)
    const stages = state.waves.map(({ stage }) => stage)
    if (replayed.phase !== state.phase) this.#violated(`the log says ${replayed.phase}, the state ${state.phase}`)
    if (replayed.stages.join() !== stages.join()) this.#violated(`the log says ${replayed.stages}, the state ${stages}`)
  }

  /** What is stored must be read again by the contract. */
  #asStored({ hosts, ...head }: RolloutState, decisions: readonly RolloutDecision[]): void {
    const stored = [
      RolloutHead.safeParse(head),
      ...[...hosts.values()].map((host) => HostProgress.safeParse(host)),
      ...decisions.map((decision) => RolloutDecision.safeParse(decision)),
    ]
    for (const { error } of stored)
      if (error !== undefined) this.#violated(`not as the contract has it: ${error.message}`)
  }

  atEnd(
    state: RolloutState,
    decisions: readonly RolloutDecision[],
    hosts: ReadonlyMap<string, TestSimulatedHost>,
    inTime: boolean,
  ): void {
    this.ofLog(state, decisions)
    if (!inTime)
      this.#violated(
        `it did not end: ${state.phase}, ${state.waves.map(({ stage }) => stage)}, ${[...state.hosts.values()].map(({ name, stage }) => `${name} ${stage}`)}`,
      )
    this.#asStored(state, decisions)
    if (!ENDED.has(state.phase)) return
    for (const host of state.hosts.values()) {
      if (state.phase === 'done' && !isSettled(host)) this.#violated(`done, and ${host.name} is ${host.stage}`)
      const real = hosts.get(host.id)
      const isOut = real === undefined || !real.alive || real.effect === startOf(this.#plan) || host.attempt === 0
      if (state.phase === 'reversed' && !isOut && host.stage === 'undone')
        this.#violated(`undone, and the kernel of ${host.name} is ${real?.effect}`)
    }
  }
}
