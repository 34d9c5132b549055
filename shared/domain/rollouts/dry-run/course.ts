import type { RolloutPlan } from '../../../contract/rollout-plan.ts'
import type { RolloutDecision, RolloutOrderResult, RolloutReading } from '../../../contract/rollouts-api.ts'
import { newRollout } from '../new-rollout.ts'
import {
  ENDED,
  gatesOf,
  isGoing,
  isInChange,
  isSettled,
  type RolloutInput,
  type RolloutState,
} from '../rollout-state.ts'
import type { RolloutPhase } from '../rollout-words.ts'
import { stepRollout } from '../step-rollout.ts'
import { nextWindow, windowEnd } from '../windows.ts'
import { type CourseHost, CourseHostState, type DrawOutcome } from './course-host.ts'
import { type Asked, askPerson } from './course-people.ts'

/** One run of a rollout through simulated time. Times are seconds since its beginning. */
export interface Course {
  readonly phase: RolloutPhase
  readonly because: string | null
  readonly seconds: number
  readonly waves: readonly { readonly begins: number | null; readonly ends: number | null }[]
  /** How long the transition of a host was stalled, where it was. */
  readonly stalled: ReadonlyMap<string, number>
  /** Why a host failed, refused or vanished. */
  readonly failed: ReadonlyMap<string, string>
  readonly asked: readonly Pick<Asked, 'wave' | 'why' | 'kind'>[]
  /** For each wave. */
  readonly soaked: readonly number[]
  /** Outside of every maintenance window, with nothing under way. */
  readonly outsideWindows: number
}

/** The leader looks once a second: server/bff/rollouts/driver.ts. */
const LOOK_MS = 1000
const DAYS_MAX = 60
const HORIZON_MS = DAYS_MAX * 24 * 60 * 60 * 1000
/** A plan whose hosts all stall asks as often. */
const ASKS_MAX = 300
/** What is left of a window must be worth telling: shared/domain/rollouts/give-orders.ts, WINDOW_LEFT_MS_MIN. */
const WINDOW_LEFT_MS_MIN = 60_000
const BAD = new Set(['failed', 'refused', 'vanished', 'undo failed'])

/**
 * Runs a plan by the very engine (step-rollout.ts), from its start to its end, over hosts whose orders come to what `draw` says.
 * Stretches in which nothing can happen are passed over in one look, with the rollout's clock set on by as much. The same
 * arguments give the same course.
 */
export const runCourse = (plan: RolloutPlan, hosts: readonly CourseHost[], options: CourseOptions): Course =>
  new CourseRun(plan, hosts, options).run()

export interface CourseOptions {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly beginsAt: number
  readonly draw: DrawOutcome
  /** A wave begins. */
  onWave?(wave: number): void
}

class CourseRun {
  readonly #plan: RolloutPlan
  readonly #options: CourseOptions
  readonly #from: number
  readonly #hosts: ReadonlyMap<string, CourseHostState>
  readonly #active = new Map<string, CourseHostState>()
  readonly #waves: { begins: number | null; ends: number | null }[]
  readonly #soaked: number[]
  readonly #asked: Asked[] = []
  readonly #stalledSince = new Map<string, number>()
  readonly #stalled = new Map<string, number>()
  readonly #failed = new Map<string, string>()
  #state: RolloutState
  #now: number
  #outsideWindows = 0

  constructor(plan: RolloutPlan, hosts: readonly CourseHost[], options: CourseOptions) {
    const { id, beginsAt } = options
    this.#plan = plan
    this.#options = options
    this.#from = beginsAt
    this.#now = beginsAt
    this.#hosts = new Map(hosts.map((host) => [host.id, new CourseHostState(host, plan)]))
    this.#waves = plan.waves.map(() => ({ begins: null, ends: null }))
    this.#soaked = plan.waves.map(() => 0)
    this.#state = newRollout(id, plan, hosts, beginsAt)
  }

  run(): Course {
    for (const [id, host] of this.#hosts) {
      if (!isGoing(host.host.effect)) continue
      host.goOn(this.#options.draw(host.host, { action: this.#plan.change.kind, attempt: 0 }).change, this.#now)
      this.#active.set(id, host)
    }
    const first = [...this.#hosts.values()].map(({ reading }) => reading)
    this.#step(first, [], [{ by: 'somebody', act: { kind: 'start', reason: 'a dry run' } }])
    let because: string | null = null
    while (!ENDED.has(this.#state.phase)) {
      const asked = askPerson(this.#plan, this.#state, this.#isStill)
      if (asked !== null) this.#asked.push(asked)
      if (this.#asked.length > ASKS_MAX) because = `It asked somebody ${ASKS_MAX} times.`
      because ??= this.#passTime(asked !== null)
      if (because !== null) break
      const readings: RolloutReading[] = []
      const results: RolloutOrderResult[] = []
      for (const [id, host] of this.#active) {
        const news = host.advance(this.#now)
        if (news === undefined) continue
        readings.push(news.reading)
        results.push(...news.results)
        if (host.nextAt === Number.POSITIVE_INFINITY) this.#active.delete(id)
      }
      this.#step(readings, results, asked?.acts ?? [])
    }
    for (const [id, since] of this.#stalledSince) this.#noteStall(id, since)
    const { phase } = this.#state
    return {
      ...{ phase, because: because ?? (phase === 'done' ? null : this.#state.because), seconds: this.#seconds },
      ...{ waves: this.#waves, stalled: this.#stalled, failed: this.#failed, asked: this.#asked },
      ...{ soaked: this.#soaked, outsideWindows: this.#outsideWindows },
    }
  }

  get #seconds(): number {
    return (this.#now - this.#from) / 1000
  }

  #step(readings: RolloutReading[], results: RolloutOrderResult[], acts: RolloutInput['acts']): void {
    const before = this.#state
    const { state, orders, decisions } = stepRollout(this.#plan, before, {
      ...{ now: this.#now, frozen: false, approvalMissing: null, newcomers: [] },
      ...{ readings, results, acts, gates: this.#outsideGates() },
    })
    this.#state = state
    for (const order of orders) {
      const host = this.#hosts.get(order.host)
      if (host === undefined) continue
      host.receive(order, this.#options.draw(host.host, order), this.#now)
      this.#active.set(order.host, host)
    }
    for (const decision of decisions) this.#noteWave(decision)
    this.#noteHosts(before, state)
  }

  /** What is asked outside is taken for good: nobody asks it for a plan that is not run. */
  #outsideGates(): RolloutInput['gates'] {
    const { wave, waves } = this.#state
    const stage = waves[wave]?.stage
    if (stage === undefined || stage === 'not begun') return []
    const at = new Date(this.#now).toISOString()
    return gatesOf(this.#plan, wave).flatMap(({ kind }, gate) =>
      kind === 'pressure' || kind === 'prometheus' || kind === 'http'
        ? [{ wave, gate, reading: { open: true, words: 'not read in a dry run', at } }]
        : [],
    )
  }

  /** @returns why there is no use in waiting any longer; null: there is */
  #passTime(isAsked: boolean): string | null {
    const waits = isAsked ? [this.#now + LOOK_MS] : this.#waits()
    const next = Math.min(...waits, ...[...this.#active.values()].map(({ nextAt }) => nextAt))
    if (next === Number.POSITIVE_INFINITY) return 'It waits for what does not come.'
    const to = Math.max(this.#now + LOOK_MS, this.#from + Math.ceil((next - this.#from) / LOOK_MS) * LOOK_MS)
    if (to - this.#from > HORIZON_MS) return `It is not over after ${DAYS_MAX} days.`
    this.#account(to - this.#now)
    // The last look of the stretch is the engine's own; those before it would have changed nothing but the clock.
    const over = to - LOOK_MS - this.#now
    if (over > 0) {
      const { clock } = this.#state
      const at = new Date(this.#now + over).toISOString()
      this.#state = { ...this.#state, clock: { ...clock, at, watched: clock.watched + over } }
    }
    this.#now = to
    return null
  }

  /** When the engine itself may come to something else without news of a host. */
  #waits(): number[] {
    const { clock, wave, waves, hosts, phase } = this.#state
    const when = (watched: number) => this.#now + Math.max(0, watched - clock.watched)
    const progress = waves[wave]
    const found: number[] = []
    if (progress?.stage === 'soaking' && progress.since !== null)
      found.push(when(progress.sinceWatched + (this.#plan.waves[wave]?.soakSeconds ?? 0) * 1000))
    if (phase === 'running' && this.#isOutside) {
      const opens = nextWindow(this.#plan.windows, this.#now)
      if (opens !== null) found.push(opens)
    }
    const { stalls, vanished } = this.#plan
    for (const host of hosts.values()) {
      if (host.stage === 'stalled' && stalls.policy !== 'wait' && !host.forgiven)
        found.push(when(host.sinceWatched + stalls.afterSeconds * 1000))
      if (host.unheardWatched === null || isSettled(host) || (host.wave !== wave && !isInChange(host))) continue
      const since = Math.max(host.unheardWatched, progress?.sinceWatched ?? 0)
      found.push(when(since + vanished.afterSeconds * 1000))
    }
    return found
  }

  /** Nothing is under way but on hosts that are left out. */
  get #isStill(): boolean {
    for (const id of this.#active.keys()) if (this.#state.hosts.get(id)?.stage !== 'left out') return false
    return true
  }

  get #isOutside(): boolean {
    const end = windowEnd(this.#plan.windows, this.#now)
    return end === null || end - this.#now < WINDOW_LEFT_MS_MIN
  }

  #account(ms: number): void {
    const { wave, waves, phase } = this.#state
    if (waves[wave]?.stage === 'soaking') this.#soaked[wave] = (this.#soaked[wave] ?? 0) + ms / 1000
    else if (phase === 'running' && this.#active.size === 0 && this.#isOutside) this.#outsideWindows += ms / 1000
  }

  #noteWave({ kind, wave }: RolloutDecision): void {
    const times = this.#waves[wave ?? -1]
    if (times === undefined) return
    if (kind === 'wave begun') {
      times.begins ??= this.#seconds
      this.#options.onWave?.(wave ?? 0)
    }
    if (kind === 'wave done' || kind === 'promoted') times.ends = this.#seconds
  }

  #noteHosts(before: RolloutState, after: RolloutState): void {
    for (const host of after.hosts.values()) {
      const known = before.hosts.get(host.id)
      if (known === host) continue
      const since = this.#stalledSince.get(host.id)
      if (host.stage === 'stalled' && since === undefined) this.#stalledSince.set(host.id, this.#seconds)
      if (host.stage !== 'stalled' && since !== undefined) {
        this.#noteStall(host.id, since)
        this.#stalledSince.delete(host.id)
      }
      if (BAD.has(host.stage)) this.#failed.set(host.id, host.why ?? host.stage)
    }
  }

  #noteStall(id: string, since: number): void {
    this.#stalled.set(id, Math.max(this.#stalled.get(id) ?? 0, this.#seconds - since))
  }
}
