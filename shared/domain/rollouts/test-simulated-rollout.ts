import type { RolloutPlan } from '../../contract/rollout-plan.ts'
import type { RolloutAct, RolloutDecision, RolloutReading } from '../../contract/rollouts-api.ts'
import { mayCommit } from './fencing.ts'
import { newRollout } from './new-rollout.ts'
import { rolloutSentence } from './rollout-sentence.ts'
import { ENDED, type RolloutInput, type RolloutState, type RolloutStep } from './rollout-state.ts'
import { stepRollout } from './step-rollout.ts'
import { TestChance } from './test-chance.ts'
import { TestRolloutInvariants } from './test-rollout-invariants.ts'
import { type HostNature, TestSimulatedHost } from './test-simulated-host.ts'
import { TestSimulatedOutbox } from './test-simulated-outbox.ts'
import { actOnCall, someAct } from './test-simulated-people.ts'
import { someHosts, somePlan } from './test-simulated-plans.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const ID = '11111111-1111-4111-8111-111111111111'
const FROZEN = { frozen: true }
const FAULTS_UNTIL = 3 * 60 * MINUTE
/** Many times what a rollout without faults takes, with its windows, soaks and silences. */
const STEPS_MAX = 6_000

/** How often each fault happened, and each state was reached: what a run covers (T40). */
export type Coverage = Map<string, number>

export interface SimulationOptions {
  readonly seed: number
  readonly coverage?: Coverage
}

/** What a leader computed and has not committed. */
interface Pending {
  readonly held: number
  readonly step: RolloutStep
  readonly acts: number
  readonly input: RolloutInput
  readonly wakesAt: number
}

/** One rollout with its hosts, leaders, people and faults, all from one seed. */
export class TestSimulatedRollout {
  readonly #chance: TestChance
  readonly #coverage: Coverage
  readonly plan: RolloutPlan
  readonly natures: readonly HostNature[]
  readonly hosts = new Map<string, TestSimulatedHost>()
  readonly outbox: TestSimulatedOutbox
  readonly invariants: TestRolloutInvariants
  state: RolloutState
  readonly decisions: RolloutDecision[] = []
  #now: number
  readonly #from: number
  /** Of the servers' clock against the true one. */
  #clockOff = 0
  #lease = 1
  #frozen = false
  #asleep: Pending | null = null
  #databaseDownUntil = 0
  #acts: { by: string; act: RolloutAct }[] = []
  readonly #rows = new Map<string, RolloutReading[]>()
  #newcomers: HostNature[] = []

  constructor({ seed, coverage = new Map() }: SimulationOptions) {
    this.#chance = new TestChance(seed)
    this.#coverage = coverage
    this.natures = someHosts(this.#chance, this.#chance.integer(1, 14))
    this.plan = somePlan(this.#chance, this.natures)
    this.#from = Date.UTC(2026, this.#chance.integer(0, 11), this.#chance.integer(1, 28), this.#chance.integer(0, 23))
    this.#now = this.#from
    this.outbox = new TestSimulatedOutbox(this.#chance)
    this.state = newRollout(ID, this.plan, this.natures, this.#now)
    for (const nature of this.natures) this.#addHost(nature)
    this.invariants = new TestRolloutInvariants(this.plan)
    this.#acts.push({ by: 'ann', act: { kind: 'start', reason: 'a fix' } })
  }

  #addHost(nature: HostNature): void {
    this.hosts.set(nature.id, new TestSimulatedHost(nature, this.plan.change.kind, this.#chance))
  }

  #happened(what: string): void {
    this.#coverage.set(what, (this.#coverage.get(what) ?? 0) + 1)
  }

  get #hasFaults(): boolean {
    return this.#now - this.#from < FAULTS_UNTIL
  }

  /** Until it has ended and what it told has settled. @returns steps taken */
  run(): number {
    let steps = 0
    for (; steps < STEPS_MAX; steps += 1) {
      if (ENDED.has(this.state.phase) && this.#asleep === null && !this.#hasOpenHosts()) break
      this.#tick()
    }
    this.invariants.atEnd(this.state, this.decisions, this.hosts, steps < STEPS_MAX)
    this.#happened(`ended ${this.state.phase}`)
    return steps
  }

  #hasOpenHosts(): boolean {
    return [...this.state.hosts.values()].some(({ stage }) => stage === 'told' || stage === 'changing')
  }

  #tick(): void {
    this.#now += this.#span()
    if (this.#hasFaults) this.#strike()
    else this.#attend()
    for (const host of this.hosts.values()) host.advance(this.#now)
    const loss = this.#hasFaults ? 0.15 : 0
    const sender = { clock: this.#now + this.#clockOff, frozen: this.#frozen }
    const isUp = this.#now >= this.#databaseDownUntil
    if (isUp) this.outbox.exchange(this.hosts, sender, this.#now, loss)
    this.#readHosts()
    this.invariants.ofHosts(this.state, this.hosts)
    this.#wake()
    if (isUp) this.#lead(loss)
  }

  #span(): number {
    const isIdle = ![...this.hosts.values()].some(
      ({ alive, isGoing, stalledBy }) => alive && isGoing && stalledBy === null,
    )
    if (isIdle && this.plan.windows.length > 0 && this.#chance.chance(0.7)) return 9 * MINUTE
    if (this.#hasFaults && this.#chance.chance(0.02)) return this.#chance.integer(11, 300) * MINUTE
    return this.#chance.integer(1, 45) * 1000
  }

  /** Faults of machines and networks, and people's acts at any moment. */
  #strike(): void {
    const host = this.#chance.pick([...this.hosts.values()] as [TestSimulatedHost])
    if (this.#chance.chance(0.02)) {
      if (host.alive) host.die()
      else host.restart()
      this.#happened(host.alive ? 'host restarted' : 'host died')
    }
    if (this.#chance.chance(0.04)) {
      host.linked = !host.linked
      this.#happened(host.linked ? 'link restored' : 'link cut')
    }
    if (this.#chance.chance(0.02)) {
      this.#clockOff = this.#chance.pick([
        DAY,
        -DAY,
        -this.#now + 86_400,
        Date.UTC(2038, 0, 19, 3, 14, 8) - this.#now,
        0,
        0,
      ])
      this.#happened('clock jumped')
    }
    if (this.#chance.chance(0.02)) {
      this.#frozen = !this.#frozen
      this.#happened(this.#frozen ? 'frozen' : 'freeze lifted')
    }
    if (this.#chance.chance(0.01)) {
      this.#databaseDownUntil = this.#now + this.#chance.integer(1, 120) * 1000
      this.#happened('database down')
    }
    if (this.#chance.chance(0.05)) {
      this.#lease += 1
      this.#happened('leader changed')
    }
    const last = this.state.waves.at(-1)?.stage
    const soaks = last === 'soaking' || last === 'at its gate'
    if (this.#chance.chance(soaks ? 0.2 : 0.01) && this.#newcomers.length < 3) {
      if (soaks) this.#happened('found while the last wave soaks')
      const nature = someHosts(this.#chance, 1, 100 + this.#newcomers.length)
      this.#newcomers.push(...nature)
      for (const one of nature) this.#addHost(one)
    }
    if (!this.#chance.chance(0.06)) return
    const by = this.#chance.pick(['ann', 'bob'])
    this.#acts.push({ by, act: someAct(this.#chance, this.plan, this.state) })
  }

  /** Faults have ended: clocks are right, links are up, and a person looks after what asks for one. */
  #attend(): void {
    this.#clockOff = 0
    this.#frozen = false
    this.#databaseDownUntil = 0
    for (const host of this.hosts.values()) host.linked = true
    if (this.#acts.length > 0 || !this.#chance.chance(0.2)) return
    const by = this.#chance.pick(['ann', 'bob'])
    const isDead = (id: string) => this.hosts.get(id)?.alive !== true
    const act = actOnCall(this.#chance, this.plan, this.state, { by, isDead })
    if (act !== null) this.#acts.push({ by, act })
  }

  /** What the server holds of each host, as far as its agent is heard; what was before is kept, as some of it comes late. */
  #readHosts(): void {
    for (const host of this.hosts.values()) {
      const { nature } = host
      const rows = this.#rows.get(nature.id) ?? []
      const known = rows.at(-1)
      const connected = host.alive && host.linked
      if (connected && known !== undefined && this.#hasFaults && this.#chance.chance(0.2)) continue
      const since = this.outbox.latestOf(nature.id)?.insertedAt ?? 0
      const row: RolloutReading = {
        host: nature.id,
        revision: rows.length,
        connected,
        lastSeenAt: null,
        effect: connected || known === undefined ? host.effect : known.effect,
        stalledBy: connected || known === undefined ? host.stalledBy : known.stalledBy,
        busyWith: connected || known === undefined ? host.busyWith : known.busyWith,
        refusal: null,
        fit: nature.fit,
        domains: this.plan.limits.domains.map(({ label }) => nature.labels[label] ?? null),
        incidents: host.incidents.filter(({ at }) => Date.parse(at) >= since),
        incidentsKnown: true,
      }
      if (known !== undefined && JSON.stringify({ ...known, revision: 0 }) === JSON.stringify({ ...row, revision: 0 }))
        continue
      rows.push(row)
      this.#rows.set(nature.id, rows)
    }
  }

  #input(loss: number): RolloutInput {
    const readings: RolloutReading[] = []
    for (const rows of this.#rows.values()) {
      const newest = rows.at(-1)
      if (newest !== undefined && !this.#chance.chance(loss)) readings.push(newest)
      if (this.#chance.chance(loss))
        readings.push(rows[this.#chance.integer(0, rows.length - 1)] ?? (rows[0] as RolloutReading))
    }
    const at = new Date(this.#now + this.#clockOff).toISOString()
    const wave = this.state.wave
    const gates = (this.plan.waves[wave]?.gates ?? this.plan.gates).flatMap(({ kind }, gate) =>
      kind === 'http' && this.#chance.chance(0.5)
        ? [{ wave, gate, reading: { open: !this.#hasFaults || this.#chance.chance(0.7), words: '200', at } }]
        : [],
    )
    return {
      now: this.#now + this.#clockOff,
      frozen: this.#frozen,
      approvalMissing: this.#now - this.#from < 2 * MINUTE && this.#lease % 2 === 0 ? 'One more must sign.' : null,
      readings,
      results: this.outbox.results(loss),
      gates,
      acts: [...this.#acts],
      newcomers: this.#newcomers,
    }
  }

  #lead(loss: number): void {
    const input = this.#input(loss)
    const held = this.#lease
    const step = stepRollout(this.plan, this.state, input)
    if (this.#chance.chance(0.02)) this.#lookClosely(step, input)
    const pending: Pending = {
      held,
      step,
      acts: input.acts.length,
      input,
      wakesAt: this.#now + this.#chance.integer(1, 600) * 1000,
    }
    if (this.#hasFaults && this.#chance.chance(0.05)) {
      this.#happened('leader killed before its commit')
      return
    }
    if (this.#hasFaults && this.#asleep === null && this.#chance.chance(0.03)) {
      // It is frozen between its last look and its commit; another takes over with the next number.
      this.#asleep = pending
      this.#lease += 1
      this.#happened('leader frozen')
      return
    }
    this.#commit(pending)
    if (this.#hasFaults && this.#chance.chance(0.05)) this.#happened('leader killed after its commit')
  }

  /** The same again comes to the same, whatever was made of the state meanwhile; and there is a sentence about it. */
  #lookClosely(step: RolloutStep, input: RolloutInput): void {
    this.invariants.same(step, stepRollout(this.plan, this.state, input))
    this.invariants.ofSentence(rolloutSentence(this.plan, this.state, input.now, this.#frozen ? FROZEN : undefined))
  }

  #wake(): void {
    if (this.#asleep === null || this.#now < this.#asleep.wakesAt) return
    const pending = this.#asleep
    this.#asleep = null
    this.#happened('leader woken late')
    this.#commit(pending)
  }

  /** State, orders and decisions in one transaction, which the lease's number guards. */
  #commit({ held, step, acts, input }: Pending): void {
    if (!mayCommit(held, this.#lease)) return
    this.invariants.ofStep(this.state, step, input, this.outbox, this.#now)
    for (const order of step.orders) this.outbox.insert(order, this.#now)
    this.state = step.state
    this.decisions.push(...step.decisions)
    this.#acts = this.#acts.slice(acts)
    for (const { kind } of step.decisions) this.#happened(kind)
    for (const { action } of step.orders) this.#happened(`order ${action}`)
    this.invariants.ofLog(this.state, this.decisions)
  }
}
