// Goal: the real agent and the real driver together, whatever befalls either, keep a rollout's limits, windows and order, do
// nothing twice, and end where the log says. Method: rollouts from seeds over simulated kernels and a real database, each on
// a virtual time of its own. SIMULATED_FLEETS=20 is what CI runs; FLEET_SEED=n runs one again.
import { expect, test } from 'vitest'
import { type Coverage, runFleet } from './test-fleet-run.ts'

const FLEETS = Number(process.env.SIMULATED_FLEETS ?? 3)
const ONE_SEED = process.env.FLEET_SEED === undefined ? null : Number(process.env.FLEET_SEED)
/** They mostly wait for the database, each for its own. */
const AT_ONCE = 3
/** Many times what one takes: a run that hangs is to fail. */
const TIME_MS = 120_000 + FLEETS * 20_000

test(
  'T36 T21 the real agent and the real driver in faults: no wave begun twice, no limit passed, no window left, nothing done twice, and an end that the log explains',
  async () => {
    const coverage: Coverage = new Map()
    const failures: string[] = []
    const seeds = ONE_SEED === null ? Array.from({ length: FLEETS }, (_, index) => index + 1) : [ONE_SEED]
    const run = async (): Promise<void> => {
      for (let seed = seeds.shift(); seed !== undefined && failures.length < 5; seed = seeds.shift()) {
        const found = await runFleet(seed, coverage).catch((error: unknown) => [String(error)])
        if (found.length > 0) failures.push(`FLEET_SEED=${seed}: ${found.slice(0, 5).join('; ')}`)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, run))
    expect(failures).toEqual([])
    if (ONE_SEED !== null || FLEETS < 20) return
    // Runs that reach little prove little.
    expect(REACHED.filter((what) => !coverage.has(what))).toEqual([])
    console.log([...coverage].map(([what, count]) => `${what} ${count}`).join(', '))
  },
  TIME_MS,
)

const REACHED = [
  'backend killed',
  'agent killed',
  'host died',
  'link cut',
  'link dropped',
  'link late',
  'result twice',
  'clock jumped',
  'task holds',
  'ended done',
]
