// Goal: agents spread over the backends that live, soon, without wandering for ever. Method: fleets from seeds, run look by
// look: each backend knows of the others what they said at their last look, agents go where chance takes them, backends
// die and come back. SHARES_SEED=n runs one again.
import { expect, test } from 'vitest'
import { askToGo, NOTHING_ASKED, type ShareMemory } from './agent-shares.ts'
import { TestChance } from './rollouts/test-chance.ts'

const SEEDS =
  process.env.SHARES_SEED === undefined
    ? Array.from({ length: 200 }, (_, n) => n + 1)
    : [Number(process.env.SHARES_SEED)]
/** Ten thousand agents, a hundred in a look of five seconds: eight minutes, and as much again. */
const LOOKS_MAX = 200

interface Backend {
  held: number
  said: number
  alive: boolean
  memory: ShareMemory
}

const makeFleet = (chance: TestChance, agents: number, count: number) => {
  const backends: Backend[] = Array.from({ length: count }, () => ({
    held: 0,
    said: 0,
    alive: true,
    memory: NOTHING_ASKED,
  }))
  const first = chance.integer(0, count - 1)
  for (let n = 0; n < agents; n += 1) {
    const backend = backends[chance.chance(0.5) ? first : chance.integer(0, count - 1)]
    if (backend !== undefined) backend.held += 1
  }
  let moved = 0
  const scatter = (from: Backend, agentsOf: number) => {
    const others = backends.filter((other) => other !== from && other.alive)
    for (let n = 0; n < agentsOf; n += 1) {
      const to = others[Math.floor(chance.fraction() * others.length)]
      if (to === undefined) return
      from.held -= 1
      to.held += 1
      moved += 1
    }
  }
  return {
    backends,
    moved: () => moved,
    scatter,
    /** Each backend looks once, in any order. @returns how many agents were asked to go */
    look(): number {
      let asked = 0
      for (const backend of [...backends].sort(() => chance.fraction() - 0.5)) {
        if (!backend.alive) continue
        const others = backends.filter((other) => other !== backend && other.alive).map(({ said }) => said)
        backend.said = backend.held
        const decided = askToGo(backend.memory, { held: backend.held, others })
        backend.memory = decided.memory
        asked += decided.ask
        scatter(backend, decided.ask)
      }
      return asked
    },
    excess(): number {
      const living = backends.filter(({ alive }) => alive)
      const share = Math.ceil(living.reduce((sum, { held }) => sum + held, 0) / living.length)
      return living.reduce((sum, { held }) => sum + Math.max(0, held - share), 0)
    },
    isEven(): boolean {
      const living = backends.filter(({ alive }) => alive)
      const share = Math.ceil(living.reduce((sum, { held }) => sum + held, 0) / living.length)
      return living.every(({ held }) => held - share <= Math.max(2, share * 0.1))
    },
  }
}

test.each(SEEDS)('a fleet comes to even shares, and then nobody is asked any more (SHARES_SEED=%i)', (seed) => {
  const chance = new TestChance(seed)
  const fleet = makeFleet(chance, chance.integer(1, 10_000), chance.integer(2, 5))
  const settle = () => {
    const [excess, before] = [fleet.excess(), fleet.moved()]
    let looks = 0
    for (let quiet = 0; quiet < 5; looks += 1) {
      if (looks > LOOKS_MAX) throw new Error(`not even after ${looks} looks`)
      quiet = fleet.look() === 0 ? quiet + 1 : 0
    }
    expect(fleet.isEven()).toBe(true)
    // Chance finds the one that has room at every so-many-th try; who comes to another that is full goes on from there.
    const tries = fleet.backends.length - 1
    expect(fleet.moved() - before).toBeLessThanOrEqual(1.25 * tries * excess + 20)
    for (let look = 0; look < 50; look += 1) expect(fleet.look()).toBe(0)
  }
  settle()
  const victim = fleet.backends[chance.integer(0, fleet.backends.length - 1)] as Backend
  victim.alive = false
  fleet.scatter(victim, victim.held)
  settle()
  victim.alive = true
  Object.assign(victim, { said: 0, memory: NOTHING_ASKED })
  settle()
})

test('alone, or with no more than its share, a backend asks nobody', () => {
  expect(askToGo(NOTHING_ASKED, { held: 10_000, others: [] }).ask).toBe(0)
  expect(askToGo(NOTHING_ASKED, { held: 0, others: [10_000] }).ask).toBe(0)
  expect(askToGo(NOTHING_ASKED, { held: 109, others: [91] }).ask).toBe(0)
  expect(askToGo(NOTHING_ASKED, { held: 3, others: [0] }).ask).toBe(0)
  // Agents of one that is gone come to all others at once, and what those say is a look old.
  const first = askToGo(NOTHING_ASKED, { held: 120, others: [80] })
  expect(first.ask).toBe(0)
  expect(askToGo(first.memory, { held: 120, others: [118] }).ask).toBe(0)
  expect(askToGo(first.memory, { held: 120, others: [80] }).ask).toBe(10)
})

test('where nobody comes to the others they are asked ever more rarely, and as before when one has', () => {
  let memory = NOTHING_ASKED
  const askedAt: number[] = []
  for (let look = 0; look < 1_000; look += 1) {
    const decided = askToGo(memory, { held: 100, others: [0] })
    memory = decided.memory
    if (decided.ask > 0) askedAt.push(look)
  }
  expect(askedAt.slice(0, 5)).toEqual([1, 3, 6, 11, 20])
  expect(askedAt.length).toBeLessThan(16)
  expect(Math.max(...askedAt.map((look, index) => look - (askedAt[index - 1] ?? 0)))).toBe(121)
  const went = askToGo({ ...memory, pause: 0 }, { held: 90, others: [10] })
  expect([went.ask, went.memory.futile]).toEqual([20, 0])
  const seen = askToGo(memory, { held: 100, others: [0, 0] })
  const joined = askToGo(seen.memory, { held: 100, others: [0, 0] })
  expect([seen.ask, joined.ask]).toEqual([0, 33])
})
