import type { RolloutPlan } from '../../contract/rollout-plan.ts'
import type { RolloutFit, RolloutIncident, RolloutOrder } from '../../contract/rollouts-api.ts'
import type { Effect, OrderResultState } from './rollout-words.ts'
import type { TestChance } from './test-chance.ts'

/** What this host does when its livepatch changes. */
export interface HostNature {
  readonly id: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly fit: RolloutFit
  /** Probabilities. */
  readonly fails: number
  readonly stalls: number
  readonly oopses: number
}

export interface Answer {
  readonly state: OrderResultState
  readonly code: string | null
}

const OTHER = 'lp_other'
const OTHER_AFTER_MS_MAX = 2 * 60 * 60_000
const OTHER_MS_MAX = 40 * 60_000
const SKEW_MS_MAX = 5 * 60_000

/** A host with a kernel and an agent, as coarse as the engine can see them: one livepatch, a journal, a link. */
export class TestSimulatedHost {
  readonly nature: HostNature
  readonly #chance: TestChance
  readonly #kind: RolloutPlan['change']['kind']
  alive = true
  linked = true
  effect: Effect
  stalledBy: string | null = null
  readonly incidents: RolloutIncident[] = []
  /** When somebody else's livepatch is in transition here. */
  #other: { readonly from: number; readonly until: number } | undefined
  #now = 0
  /** When the running transition or the vendor's tool ends; Infinity: it stalls. */
  #endsAt: number | null = null
  readonly journal = new Map<string, Answer>()
  /** Orders by which a change was begun here, and when. */
  readonly begun: { readonly order: RolloutOrder; readonly at: number }[] = []

  constructor(nature: HostNature, kind: RolloutPlan['change']['kind'], chance: TestChance) {
    this.nature = nature
    this.#kind = kind
    this.#chance = chance
    this.effect = kind === 'disable' ? 'in' : 'out'
  }

  get isGoing(): boolean {
    return this.effect === 'going in' || this.effect === 'going out'
  }

  /** The livepatch in transition. */
  get busyWith(): string | null {
    if (this.isGoing) return 'lp_fix'
    return this.#other !== undefined && this.#now >= this.#other.from && this.#now < this.#other.until ? OTHER : null
  }

  /** @returns what is answered at once; null: it is in the journal, and its end comes later */
  receive(order: RolloutOrder, sender: { readonly clock: number; readonly frozen: boolean }, now: number): Answer {
    const known = this.journal.get(order.id)
    if (known !== undefined) return known
    // As the agent does: by the clocks of both, and by the time at which it was made.
    const isAhead = Date.parse(order.at) - now > SKEW_MS_MAX
    if (isAhead || Math.abs(sender.clock - now) > SKEW_MS_MAX) return { state: 'expired', code: 'clock_skew' }
    if (now > Date.parse(order.expiresAt)) return { state: 'expired', code: 'command_expired' }
    if (sender.frozen) return { state: 'expired', code: 'frozen' }
    const refusal = this.#refusal(order)
    const answer: Answer = refusal === null ? { state: 'started', code: null } : { state: 'refused', code: refusal }
    this.journal.set(order.id, answer)
    if (refusal === null) this.#begin(order, now)
    return this.journal.get(order.id) ?? answer
  }

  #refusal({ action }: RolloutOrder): string | null {
    switch (action) {
      case 'load':
      case 'enable':
        if (this.busyWith !== null) return 'transition_running'
        return this.effect === 'in' ? 'already_loaded' : null
      case 'disable':
        if (this.busyWith !== null) return 'transition_running'
        return this.effect === 'out' ? 'already_disabled' : null
      case 'reversal':
        return this.effect === 'out' || this.effect === 'going out' ? 'already_disabled' : null
      case 'retry':
        return this.isGoing && this.stalledBy !== null ? null : 'not_stalled'
      case 'reverse':
        return this.isGoing ? null : 'no_transition'
      default:
        return null
    }
  }

  #begin(order: RolloutOrder, now: number): void {
    this.begun.push({ order, at: now })
    const { fails, stalls, oopses } = this.nature
    const isUndo = order.action === 'reversal' || order.action === 'reverse' || order.action === 'enable'
    if (!isUndo && this.#chance.chance(fails)) {
      this.journal.set(order.id, { state: 'failed', code: 'ENOENT' })
      return
    }
    if (!isUndo && this.#chance.chance(oopses)) {
      this.incidents.push({
        kind: 'oops',
        text: 'BUG: kernel NULL pointer dereference',
        at: new Date(now).toISOString(),
      })
    }
    if (order.action !== 'update') this.effect = this.#direction(order)
    // The way back stalls too, but not for good: somebody who ends the process is not part of this.
    const isStalled = this.#chance.chance(isUndo ? stalls / 3 : stalls)
    this.#endsAt = now + this.#chance.integer(1, 60) * 1000
    if (!isStalled || order.action === 'update') return
    this.stalledBy = 'kworker/3 (57) in nfs4_open'
    this.#endsAt = isUndo ? now + this.#chance.integer(5, 40) * 60_000 : Number.POSITIVE_INFINITY
    if (this.#chance.chance(0.3)) this.#endsAt = now + this.#chance.integer(1, 90) * 60_000
  }

  #direction({ action }: RolloutOrder): Effect {
    if (action === 'retry') return this.effect
    if (action === 'reverse') return this.effect === 'going in' ? 'going out' : 'going in'
    return action === 'load' || action === 'enable' ? 'going in' : 'going out'
  }

  /** What time brings to its end. */
  advance(now: number): void {
    this.#now = now
    this.#other ??= this.#otherAfter(now)
    if (!this.alive || this.#endsAt === null || now < this.#endsAt) return
    this.#endsAt = null
    this.stalledBy = null
    if (this.#kind === 'update') this.effect = 'in'
    else this.effect = this.effect === 'going in' ? 'in' : 'out'
    for (const [id, { state }] of this.journal) {
      if (state !== 'started') continue
      const isDone = this.effect === this.#wantedBy(id.split('/')[2] ?? '')
      this.journal.set(id, isDone ? { state: 'done', code: null } : { state: 'failed', code: 'gone' })
    }
  }

  #otherAfter(now: number): { from: number; until: number } {
    const from = this.#chance.chance(0.2) ? now + this.#chance.integer(0, OTHER_AFTER_MS_MAX) : Number.POSITIVE_INFINITY
    return { from, until: from + this.#chance.integer(0, OTHER_MS_MAX) }
  }

  #wantedBy(action: string): Effect {
    if (action === 'retry') return this.#kind === 'disable' ? 'out' : 'in'
    return action === 'disable' || action === 'reversal' ? 'out' : 'in'
  }

  die(): void {
    this.alive = false
  }

  /** It starts anew: livepatches are not kept over a boot, and what was begun is not taken up again. */
  restart(): void {
    this.alive = true
    this.#endsAt = null
    this.stalledBy = null
    if (this.#kind !== 'update') this.effect = 'out'
    for (const [id, { state }] of this.journal) {
      if (state === 'started') this.journal.set(id, { state: 'failed', code: 'restarted' })
    }
  }
}
