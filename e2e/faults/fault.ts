import { type BenchReport, startReport } from '@rebootless/server/bench/report/bench-report.ts'
import { mixed, Random } from '@rebootless/server/sim/core/random.ts'
import { onTestFailed, onTestFinished } from 'vitest'

/** In the order of docs/reliability.md. */
export const FAULTS = [
  'backend-killed',
  'two-backends',
  'agent-killed',
  'postgres-killed',
  'postgres-away',
  'postgres-slow',
  'postgres-full',
  'disk-full',
  'partition',
  'state-file',
  'out-of-memory',
  'clock-jumps',
  'reconnect',
  'browser-day',
] as const
type FaultName = (typeof FAULTS)[number]

/** FAULTS_SEED=4711 repeats the choices of a run. */
const SEED = Number(process.env.FAULTS_SEED || Date.now() % 1_000_000)

export interface Fault {
  readonly random: Random
  /** One number, and what it may be at most. */
  measured(what: string, unit: string, value: number, atMost?: number): void
  /** One that has to be reached. */
  reached(what: string, unit: string, value: number, atLeast: number): void
  readonly report: BenchReport
  /** Done when the test is over, however it ends; the last first. */
  readonly inTheEnd: (work: () => unknown) => void
  /** Shown at once: where it stands when it comes no further. */
  step(what: string): void
}

/** Within a test: what is promised, and where the numbers go. With `npm run test:faults -- --keep` they go to docs/reliability.md. */
export const beginFault = (name: FaultName, promise: string): Fault => {
  console.log(`${name}: FAULTS_SEED=${SEED}`)
  onTestFailed(() =>
    console.error(`${name} failed: FAULTS_SEED=${SEED} npm run test:faults -- -t ${name} repeats its choices`),
  )
  const report = startReport(name, {
    ...{ page: 'docs/reliability.md', folder: 'docs/reliability', command: 'npm run test:faults --', numbers: [] },
    ...{ isKept: process.env.REBOOTLESS_BENCH_KEEP === '1', promise },
  })
  const startedAt = performance.now()
  return {
    inTheEnd: (work) => onTestFinished(async () => void (await work())),
    step: (what) => console.log(`${secondsSince(startedAt).toFixed(1)} s: ${what}`),
    random: new Random(mixed(SEED, 0)),
    report,
    measured(what, unit, value, atMost) {
      report.row({ what, unit, values: [value], ...(atMost !== undefined && { budget: { of: 'median', atMost } }) })
    },
    reached(what, unit, value, atLeast) {
      report.row({ what, unit, values: [value], budget: { of: 'median', atLeast } })
    },
  }
}

export const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1000

/** What must be sooner has a budget in the report; this one is for machines with other work. */
const WITHIN_MS = 180_000

/** Milliseconds until it is so; rejects when that takes too long. */
export const until = async (
  what: string,
  isSo: () => Promise<boolean>,
  { withinMs = WITHIN_MS, everyMs = 50 }: { withinMs?: number; everyMs?: number } = {},
): Promise<number> => {
  const startedAt = performance.now()
  while (!(await isSo())) {
    if (performance.now() - startedAt > withinMs) throw new Error(`not within ${withinMs / 1000} s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  return performance.now() - startedAt
}
