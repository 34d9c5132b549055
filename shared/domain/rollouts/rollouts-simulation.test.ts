// Goal: whatever befalls leaders, hosts, networks, clocks and the database, and whatever people do at any moment, a rollout
// keeps its limits, windows and order, tells nobody twice, ends, and its log explains it. Method: rollouts from seeds, all invariants after
// each event. SIMULATED_ROLLOUTS=10000 is the whole, as CI runs it; ROLLOUT_SEED=n runs one again.
import { expect, test } from 'vitest'
import { type Coverage, TestSimulatedRollout } from './test-simulated-rollout.ts'

const ROLLOUTS = Number(process.env.SIMULATED_ROLLOUTS ?? 300)
const ONE_SEED = process.env.ROLLOUT_SEED === undefined ? null : Number(process.env.ROLLOUT_SEED)
/** Many times what one takes: a run that hangs is to fail. */
const TIME_MS = 60_000 + ROLLOUTS * 200

const seeds = ONE_SEED === null ? Array.from({ length: ROLLOUTS }, (_, index) => index + 1) : [ONE_SEED]

test(
  'T35 T36 T37 T21 T28 rollouts in faults: none passes a limit, leaves its window, begins a wave twice, or stands where its log does not say',
  () => {
    const coverage: Coverage = new Map()
    const failures: string[] = []
    for (const seed of seeds) {
      const rollout = new TestSimulatedRollout({ seed, coverage })
      rollout.run()
      const { violations } = rollout.invariants
      if (violations.length > 0) failures.push(`ROLLOUT_SEED=${seed}: ${violations.join('; ')}`)
      if (failures.length >= 5) break
    }
    expect(failures).toEqual([])
    if (ONE_SEED !== null || ROLLOUTS < 300) return
    // Runs that reach little prove little.
    const reached = REACHED.filter((what) => !coverage.has(what))
    expect(reached).toEqual([])
    console.log([...coverage].map(([what, count]) => `${what} ${count}`).join(', '))
  },
  TIME_MS,
)

const REACHED = [
  'leader killed before its commit',
  'leader killed after its commit',
  'leader frozen',
  'leader woken late',
  'clock jumped',
  'database down',
  'frozen',
  'host died',
  'host restarted',
  'link cut',
  'ended done',
  'ended aborted',
  'ended reversed',
  'ended reversed in part',
  'paused by itself',
  'reversing by itself',
  'wave undone',
  'promoted',
  'joined',
  'found while the last wave soaks',
  'vanished',
  'order load',
  'order disable',
  'order update',
  'order retry',
  'order reversal',
  'order enable',
  'order reverse',
]
