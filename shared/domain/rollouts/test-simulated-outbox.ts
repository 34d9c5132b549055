import type { RolloutOrder, RolloutOrderResult } from '../../contract/rollouts-api.ts'
import type { TestChance } from './test-chance.ts'
import type { TestSimulatedHost } from './test-simulated-host.ts'

interface Entry {
  readonly order: RolloutOrder
  /** By true time. */
  readonly insertedAt: number
  state: 'waiting' | 'sent' | RolloutOrderResult['state']
  code: string | null
  tries: number
}

const TRIES_MAX = 5

/** The outbox and the links: each order once, said again until it is answered, lost and late on the way. */
export class TestSimulatedOutbox {
  readonly #chance: TestChance
  readonly entries = new Map<string, Entry>()
  readonly #latest = new Map<string, Entry>()

  constructor(chance: TestChance) {
    this.#chance = chance
  }

  latestOf(host: string): Entry | undefined {
    return this.#latest.get(host)
  }

  /** What is there already is not inserted again. */
  insert(order: RolloutOrder, now: number): void {
    if (this.entries.has(order.id)) return
    const entry: Entry = { order, insertedAt: now, state: 'waiting', code: null, tries: 0 }
    this.entries.set(order.id, entry)
    this.#latest.set(order.host, entry)
  }

  /** One look: commands go to hosts that are linked, and what these answer comes back, unless the network loses either. */
  exchange(
    hosts: ReadonlyMap<string, TestSimulatedHost>,
    sender: { readonly clock: number; readonly frozen: boolean },
    now: number,
    loss: number,
  ): void {
    for (const entry of this.entries.values()) {
      if (entry.state !== 'waiting' && entry.state !== 'sent' && entry.state !== 'started') continue
      const host = hosts.get(entry.order.host)
      const { at, expiresAt } = entry.order
      // What was ordered by a clock that was ahead would be good in the wrong night.
      const isOver = sender.clock > Date.parse(expiresAt) || sender.clock < Date.parse(at) - 60_000
      if (entry.state === 'waiting' && isOver) entry.state = 'expired'
      if (entry.state === 'expired' || host === undefined || !host.alive || !host.linked) continue
      if (entry.state === 'waiting' && sender.frozen) continue
      if (this.#chance.chance(loss)) continue
      if (entry.state === 'waiting') entry.state = 'sent'
      const answer = host.receive(entry.order, sender, now)
      if (this.#chance.chance(loss)) continue
      entry.code = answer.code
      if (answer.state !== 'expired') entry.state = answer.state
      else {
        entry.tries += 1
        entry.state = isOver || entry.tries >= TRIES_MAX ? 'expired' : 'waiting'
      }
    }
  }

  /** What is known of orders, said again and again; some of it not this time. */
  results(loss: number): RolloutOrderResult[] {
    const results: RolloutOrderResult[] = []
    for (const { order, state, code } of this.entries.values()) {
      if (state === 'waiting' || state === 'sent' || this.#chance.chance(loss)) continue
      results.push({ order: order.id, host: order.host, state, code, detail: null })
      if (this.#chance.chance(loss)) results.push({ order: order.id, host: order.host, state, code, detail: null })
    }
    return results
  }
}
