// Goal: whatever befalls a machine while it is patched, no task runs a mix that its system forbids, calls reach the top
// of their universe, counts add up, and taking out ends where it began. Method: 1,000 seeds shared by the systems, each
// with signals, kills, forks, stalls, interrupts, force and reversal at random moments. Replay one that failed by
// `SEED=17 npx vitest run --project pure server/sim/models/consistency.sim.test.ts`.
import { expect, test } from 'vitest'
import { type ModelStatus, SYSTEMS, type System } from './model.ts'
import { Chaos } from './test-chaos.ts'
import { Invariants } from './test-invariants.ts'
import { SECOND } from './test-rig.ts'

const SEEDS = process.env.SEED ? [Number(process.env.SEED)] : Array.from({ length: 1_000 }, (_, index) => index + 1)
const systemOf = (seed: number): System => SYSTEMS[seed % SYSTEMS.length] ?? 'ksplice'

interface Outcome {
  readonly broken: readonly string[]
  readonly mixes: number
  readonly applied: number
  readonly gaveUp: number
}

const live = (seed: number): Outcome => {
  const chaos = new Chaos(systemOf(seed), seed)
  const { model } = chaos
  const invariants = new Invariants(chaos.machine, model)
  const broken = (what: string): Outcome => ({ broken: [what], mixes: 0, applied: 0, gaveUp: 0 })
  chaos.boot()
  for (let round = 0; round < 2 && model.status !== 'applied' && model.status !== 'in_progress'; round += 1) {
    chaos.apply((patch) => invariants.expect(patch))
    chaos.strike(14 * SECOND)
  }
  chaos.calm()
  if (model.status === 'in_progress') return broken('never comes to an end')
  for (let tries = 0; tries < 3 && model.status === 'applied'; tries += 1) {
    const why = model.reverse()
    if (why !== null) return broken(`does not go out: ${why}`)
    chaos.pass(45 * SECOND)
  }
  const end = model.status as ModelStatus
  if (end === 'applied' || end === 'in_progress') return broken(`does not go out: ${end}`)
  if (end === 'at_rest') invariants.expectAtRest()
  chaos.probe()
  const count = (kind: 'completed' | 'gave_up') => model.events.filter((event) => event.kind === kind).length
  return { broken: invariants.broken, mixes: invariants.mixes, applied: count('completed'), gaveUp: count('gave_up') }
}

test.each(SYSTEMS)('%s holds what it promises, whatever happens', (system) => {
  const seeds = SEEDS.filter((seed) => systemOf(seed) === system)
  const outcomes = seeds.map((seed) => ({ seed, ...live(seed) }))
  const failed = outcomes.flatMap(({ seed, broken }) => (broken.length > 0 ? [{ replay: `SEED=${seed}`, broken }] : []))
  expect(failed).toEqual([])
  if (SEEDS.length === 1) return
  // The seeds must have met both ends, and the check for mixes something to find where nothing forbids them.
  expect(outcomes.filter(({ applied }) => applied >= 2).length).toBeGreaterThan(seeds.length / 4)
  const tries = system === 'ksplice' || system === 'kpatch' || system === 'kernelcare'
  expect(outcomes.some(({ gaveUp }) => gaveUp > 0)).toBe(tries)
  if (system === 'livepatch_immediate') expect(outcomes.some(({ mixes }) => mixes > 0)).toBe(true)
})
