import type { RolloutPlan } from '../../../contract/rollout-plan.ts'
import type { RolloutOrder, RolloutOrderResult, RolloutReading } from '../../../contract/rollouts-api.ts'
import { domainsOf } from '../plan-waves.ts'
import type { RolloutHost } from '../rollout-state.ts'
import type { Effect } from '../rollout-words.ts'

/** What is known of a host when the dry run begins. */
export interface CourseHost extends RolloutHost {
  readonly effect: Effect
  readonly connected: boolean
  /** Why it takes no order; null: it would. */
  readonly refusal: string | null
  /** Whether its kernel's log, or what stands for it, can be read. */
  readonly incidentsKnown: boolean
}

/** What comes of one order on one host, as a simulated machine has it. Seconds. */
export interface OrderOutcome {
  /** From the order until the host begins. */
  readonly delivery: number
  /** From there until its kernel has changed. */
  readonly change: number
  /** From the change until it is read. */
  readonly report: number
  /** What holds the transition, in a few words; null: nothing does. */
  readonly heldBy: string | null
  /** Why the kernel refuses it; null: it does not. */
  readonly refused: string | null
}

export type DrawOutcome = (host: CourseHost, order: Pick<RolloutOrder, 'action' | 'attempt'>) => OrderOutcome

/** So long after its beginning a transition that goes on has tasks that block: shared/domain/blocking-rule.ts, TWO_RETRIES_AFTER_START_MS. */
const BLOCKING_AFTER_SECONDS = 2.8

interface Due {
  readonly at: number
  readonly shows: Partial<Pick<RolloutReading, 'effect' | 'stalledBy'>>
  readonly result: RolloutOrderResult | null
}

/** A host in the dry run: what an order makes of it, and when that is read. Times are milliseconds since 1970. */
export class CourseHostState {
  readonly host: CourseHost
  readonly #kind: RolloutPlan['change']['kind']
  #reading: RolloutReading
  #due: Due[] = []

  constructor(host: CourseHost, plan: RolloutPlan) {
    this.host = host
    this.#kind = plan.change.kind
    this.#reading = {
      ...{ host: host.id, revision: 1, connected: host.connected, lastSeenAt: null, effect: host.effect },
      ...{ stalledBy: null, busyWith: null, refusal: host.refusal, fit: host.fit, domains: domainsOf(plan, host) },
      ...{ incidents: [], incidentsKnown: host.incidentsKnown },
    }
  }

  get reading(): RolloutReading {
    return this.#reading
  }

  /** When something is next read of it; Infinity: nothing is under way. */
  get nextAt(): number {
    return this.#due[0]?.at ?? Number.POSITIVE_INFINITY
  }

  /** @returns what is read by now; undefined: nothing new */
  advance(now: number): { reading: RolloutReading; results: RolloutOrderResult[] } | undefined {
    const results: RolloutOrderResult[] = []
    let isNew = false
    while (this.#due[0] !== undefined && this.#due[0].at <= now) {
      const [{ shows, result }] = this.#due as [Due, ...Due[]]
      this.#due.shift()
      this.#reading = { ...this.#reading, ...shows, revision: this.#reading.revision + 1 }
      if (result !== null) results.push(result)
      isNew = true
    }
    return isNew ? { reading: this.#reading, results } : undefined
  }

  /** A transition that runs when the dry run begins ends after so many seconds. */
  goOn(seconds: number, now: number): void {
    const { effect } = this.#reading
    const shows = { effect: effect === 'going in' ? 'in' : 'out', stalledBy: null } as const
    this.#due = [{ at: now + Math.round(seconds * 1000), shows, result: null }]
  }

  receive(order: RolloutOrder, outcome: OrderOutcome, now: number): void {
    const at = (seconds: number) => now + Math.round(seconds * 1000)
    const says = (state: RolloutOrderResult['state'], detail: string | null = null): RolloutOrderResult => ({
      ...{ order: order.id, host: this.host.id, state, code: null, detail },
    })
    const begins = outcome.delivery
    if (outcome.refused !== null) {
      this.#due = [{ at: at(begins + outcome.report), shows: {}, result: says('failed', outcome.refused) }]
      return
    }
    const { going, after } = this.#way(order)
    const ends = begins + outcome.change
    const blocks = begins + BLOCKING_AFTER_SECONDS
    this.#due = [
      { at: at(begins + outcome.report), shows: going === null ? {} : { effect: going }, result: says('started') },
      ...(going !== null && ends > blocks
        ? [{ at: at(blocks + outcome.report), shows: { stalledBy: outcome.heldBy ?? 'a task' }, result: null }]
        : []),
      { at: at(ends + outcome.report), shows: { effect: after, stalledBy: null }, result: says('done') },
    ].sort((one, other) => one.at - other.at)
  }

  #way({ action }: RolloutOrder): { going: Effect | null; after: Effect } {
    // What a vendor's tool does is seen only when it has done it.
    if (this.#kind === 'update') return { going: null, after: 'in' }
    const isIn = this.#kind === 'load' ? action !== 'reversal' && action !== 'reverse' : isBack(action)
    return isIn ? { going: 'going in', after: 'in' } : { going: 'going out', after: 'out' }
  }
}

/** Of a disabling: whether the order puts the livepatch back. */
const isBack = (action: RolloutOrder['action']): boolean => action === 'enable' || action === 'reverse'
