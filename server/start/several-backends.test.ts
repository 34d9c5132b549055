// Goal: several backends serve one fleet, and any of them may be killed at any moment: agents go over to another, commands
// are done exactly once, leases pass on, a rollout ends right, and a page that stays open misses nothing. Method: three
// backends in processes of their own on one PostgreSQL and one data folder, real agents on simulated kernels over TLS, event
// streams, SIGKILL at moments from a seed. SEVERAL_BACKENDS=n runs n seeds, SEVERAL_BACKENDS_SEED=n one again,
// SEVERAL_BACKENDS_SECONDS=600 each for so long.
import { expect, test } from 'vitest'
import { runSeveralBackends } from './test-several-backends.ts'

const RUNS = Number(process.env.SEVERAL_BACKENDS ?? 1)
const ONE_SEED = process.env.SEVERAL_BACKENDS_SEED
const SECONDS = Number(process.env.SEVERAL_BACKENDS_SECONDS ?? 20)
const SEEDS = ONE_SEED === undefined ? Array.from({ length: RUNS }, (_, index) => index + 1) : [Number(ONE_SEED)]

test.each(SEEDS)(
  'T19 T35 T37 three backends, killed at any moment: nothing is lost and nothing done twice (SEVERAL_BACKENDS_SEED=%i)',
  async (seed) => {
    const { violations, happened } = await runSeveralBackends(seed, SECONDS * 1_000)
    console.log(`seed ${seed}: ${JSON.stringify(happened)}`)
    expect(violations).toEqual([])
    // A run in which little befalls them proves little.
    expect(happened.kills).toBeGreaterThan(1)
    expect(happened.moved).toBeGreaterThan(0)
    expect(happened.takenUp).toBeGreaterThan(0)
  },
  SECONDS * 1_000 + 240_000,
)
