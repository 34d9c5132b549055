import type { RolloutPlan } from '../../contract/rollout-plan.ts'
import type {
  HostProgress,
  RolloutDecision,
  RolloutHead,
  RolloutOrder,
  WaveProgress,
} from '../../contract/rollouts-api.ts'
import { cut } from '../sentence.ts'
import { isInChange, isSettled, ORDER_MS, type RolloutState, type RolloutStep } from './rollout-state.ts'
import type { DecisionKind, HostStage, OrderAction, RolloutPhase, WaveStage } from './rollout-words.ts'

const SENTENCE_MAX = 1000
const HOSTS_MAX = 1000

/** What a step makes of a state: nothing of the state itself is changed, and hosts that nothing befalls stay the same objects. */
export class RolloutDraft {
  readonly plan: RolloutPlan
  readonly now: number
  readonly at: string
  #head: RolloutHead
  readonly #hosts: Map<string, HostProgress>
  readonly #orders: RolloutOrder[] = []
  readonly #decisions: RolloutDecision[] = []
  /** Unsettled hosts of each wave. */
  readonly #unsettled: number[]
  /** Taken places: of all, and for each limit by a label, of each value. */
  #taken = 0
  readonly #takenOf: readonly Map<string | null, number>[]

  constructor(plan: RolloutPlan, { hosts, ...head }: RolloutState, now: number) {
    this.plan = plan
    this.now = now
    this.at = new Date(now).toISOString()
    this.#head = head
    this.#hosts = new Map(hosts)
    this.#unsettled = plan.waves.map(() => 0)
    this.#takenOf = plan.limits.domains.map(() => new Map())
    for (const host of hosts.values()) this.#count(host, 1)
  }

  get head(): RolloutHead {
    return this.#head
  }

  get watched(): number {
    return this.#head.clock.watched
  }

  /** In the order in which they go. Hosts may be set while one walks over them. */
  hosts(): IterableIterator<HostProgress> {
    return this.#hosts.values()
  }

  host(id: string): HostProgress | undefined {
    return this.#hosts.get(id)
  }

  unsettledIn(wave: number): number {
    return this.#unsettled[wave] ?? 0
  }

  #count(host: HostProgress, by: 1 | -1): void {
    if (host.wave !== null && !isSettled(host)) {
      this.#unsettled[host.wave] = (this.#unsettled[host.wave] ?? 0) + by
    }
    if (!isInChange(host)) return
    this.#taken += by
    for (const [index, taken] of this.#takenOf.entries()) {
      const value = host.domains[index] ?? null
      taken.set(value, (taken.get(value) ?? 0) + by)
    }
  }

  /** Whether the limits let one more host begin. */
  hasPlaceFor(host: HostProgress): boolean {
    if (isInChange(host)) return true
    const { atOnce, domains } = this.plan.limits
    if (atOnce !== null && this.#taken >= atOnce) return false
    return domains.every(({ atMost }, index) => (this.#takenOf[index]?.get(host.domains[index] ?? null) ?? 0) < atMost)
  }

  /** False: not one host of any kind can begin. */
  hasAnyPlace(): boolean {
    const { atOnce } = this.plan.limits
    return atOnce === null || this.#taken < atOnce
  }

  setHead(change: Partial<RolloutHead>): void {
    this.#head = { ...this.#head, ...change }
  }

  setPhase(phase: RolloutPhase, because: string | null): void {
    const { at, watched } = this
    this.setHead({
      phase,
      because: because === null ? null : cut(because, SENTENCE_MAX),
      since: at,
      sinceWatched: watched,
    })
  }

  setWave(wave: number, change: Partial<WaveProgress>): void {
    this.setHead({ waves: this.#head.waves.map((one, index) => (index === wave ? { ...one, ...change } : one)) })
  }

  setWaveStage(wave: number, stage: WaveStage): void {
    this.setWave(wave, { stage, since: this.at, sinceWatched: this.watched })
  }

  addHost(host: HostProgress): void {
    this.#hosts.set(host.id, host)
    this.#count(host, 1)
  }

  setHost(host: HostProgress, change: Partial<HostProgress>): HostProgress {
    const next = { ...host, ...change }
    this.#count(host, -1)
    this.#count(next, 1)
    this.#hosts.set(host.id, next)
    return next
  }

  /** Into another stage, where its time begins anew. */
  setStage(host: HostProgress, stage: HostStage, why: string | null, change: Partial<HostProgress> = {}): HostProgress {
    return this.setHost(host, {
      stage,
      why: why === null ? null : cut(why, SENTENCE_MAX),
      since: this.at,
      sinceWatched: this.watched,
      forgiven: false,
      ...change,
    })
  }

  /** The outbox takes an id once, so that the same step made again, by whomever, orders nothing twice. */
  order(
    host: HostProgress,
    action: OrderAction,
    until: number,
  ): Pick<HostProgress, 'attempt' | 'order' | 'outcome' | 'orderWatched'> {
    const attempt = host.attempt + 1
    const { change } = this.plan
    const fit = host.reading?.fit
    // What is begun anew or undone is what was ordered, whatever would fit by now.
    const of = host.ours && host.order !== null ? host.order : fit?.fits ? fit : null
    const order: RolloutOrder = {
      id: `${this.#head.id}/${host.id}/${action}/${attempt}`,
      host: host.id,
      action,
      attempt,
      artefact: of?.artefact ?? null,
      patch: of?.patch ?? null,
      provider: change.kind === 'update' ? change.provider : null,
      at: this.at,
      expiresAt: new Date(Math.min(this.now + ORDER_MS, until)).toISOString(),
    }
    this.#orders.push(order)
    return { attempt, order, outcome: null, orderWatched: this.watched }
  }

  decide(
    kind: DecisionKind,
    sentence: string,
    rest: Partial<Pick<RolloutDecision, 'wave' | 'because' | 'by'>> & { readonly hosts?: readonly string[] } = {},
  ): void {
    const { wave = null, hosts = [], because = null, by = null } = rest
    this.#decisions.push({
      number: this.#head.decisions,
      at: this.at,
      kind,
      wave,
      hosts: hosts.slice(0, HOSTS_MAX),
      sentence: cut(sentence, SENTENCE_MAX),
      because: because === null ? null : cut(because, SENTENCE_MAX),
      by,
    })
    this.setHead({ decisions: this.#head.decisions + 1 })
  }

  finish(): RolloutStep {
    return { state: { ...this.#head, hosts: this.#hosts }, orders: this.#orders, decisions: this.#decisions }
  }
}
