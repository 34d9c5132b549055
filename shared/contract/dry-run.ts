import * as z from 'zod'
import { ROLLOUT_PHASES } from '../domain/rollouts/rollout-words.ts'
import { HostId, hostText, Instant } from './primitives.ts'
import { RolloutRequest } from './rollout-requests.ts'

const Sentence = z.string().max(1000)
export const DRY_RUN_SEED_MAX = 0x7f_ff_ff_ff

/** With the same id, seed, number of runs and beginning, over a fleet that is as it was, the same comes out. */
export const DryRunRequest = RolloutRequest.extend({
  /** Left out: one is drawn. */
  seed: z.int().min(0).max(DRY_RUN_SEED_MAX).optional(),
  /** How often the rollout is run through; left out: as often as its number of hosts lets. */
  runs: z.int().min(1).max(50).optional(),
  /** When it is begun: windows hang on it. Left out: now. */
  beginsAt: Instant.optional(),
})
export type DryRunRequest = z.infer<typeof DryRunRequest>

/** Over the runs: a tenth is below the first and a tenth above the last. */
const Range = z.strictObject({ p10: z.number(), p50: z.number(), p90: z.number() })
export type DryRunRange = z.infer<typeof Range>

/** Why a host may stall or fail; `simulated`: its like did on the simulator. */
export const RISKS = [
  'asleep now',
  'would refuse',
  'not heard',
  'stalled before',
  'slow before',
  'no reliable stacks',
  'simulated',
] as const

export const HostAtRisk = z.strictObject({
  host: z.strictObject({ id: HostId, name: hostText(255) }),
  wave: z.int().min(0),
  /** Of the runs, in how many its transition stalled, and in how many it failed. */
  stalledRuns: z.int().min(0),
  failedRuns: z.int().min(0),
  reasons: z.array(z.strictObject({ kind: z.enum(RISKS), text: hostText(700) })).max(10),
})
export type HostAtRisk = z.infer<typeof HostAtRisk>

/** What it waits for besides hosts. */
export const DryRunWait = z.strictObject({
  kind: z.enum(['soak', 'window', 'gate', 'person', 'freeze']),
  /** Null: of no one wave. */
  wave: z.int().min(0).nullable(),
  text: Sentence,
  /** Seconds of the duration that go to it; null: they are not counted. */
  seconds: Range.nullable(),
})
export type DryRunWait = z.infer<typeof DryRunWait>

/** Something taken for true, and where it is from. */
export const DryRunAssumption = z.strictObject({
  says: Sentence,
  value: z.string().max(200).optional(),
  basis: z.enum(['published', 'source', 'inferred', 'assumed', 'measured']),
  source: Sentence,
})
export type DryRunAssumption = z.infer<typeof DryRunAssumption>

export const DryRunResult = z.strictObject({
  /** What to give again for the same. */
  id: z.uuid(),
  seed: z.int(),
  runs: z.int(),
  beginsAt: Instant,
  sentence: Sentence,
  /** `there`: of those that go, so many are as the plan wants them already. */
  hosts: z.strictObject({ going: z.int(), there: z.int(), others: z.int() }),
  /** Seconds from its beginning to its end, without the time that people take; null: no run came to an end. */
  duration: Range.nullable(),
  ends: z.array(z.strictObject({ phase: z.enum(ROLLOUT_PHASES), runs: z.int(), because: Sentence.nullable() })),
  /** Null: in no run was the wave begun, or ended. */
  waves: z.array(
    z.strictObject({
      name: z.string().max(60),
      hosts: z.int(),
      /** Seconds since the rollout's beginning. */
      begins: Range.nullable(),
      ends: Range.nullable(),
      /** Hosts whose transition stalls. */
      stalls: Range,
    }),
  ),
  stalls: Range,
  failures: Range,
  /** How often it stops to ask a person, or lets itself be promoted. */
  asks: Range,
  atRisk: z.array(HostAtRisk).max(200),
  atRiskTotal: z.int(),
  waits: z.array(DryRunWait).max(400),
  /** Hosts that go in no wave, by why; names of the first of each. */
  others: z.array(z.strictObject({ why: Sentence, hosts: z.int(), names: z.array(hostText(255)).max(5) })).max(100),
  method: z.array(Sentence),
  assumptions: z.array(DryRunAssumption),
})
export type DryRunResult = z.infer<typeof DryRunResult>

/** How a dry run stands. Kept for half an hour in the server that was asked, for who asked. */
export const DryRun = z.strictObject({
  id: z.uuid(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']),
  /** Others that are before it. */
  before: z.int().min(0),
  stage: z.enum(['reading hosts', 'simulating kernels', 'running the rollout']).nullable(),
  /** Of the stage, from 0 to 1. */
  progress: z.number().min(0).max(1),
  result: DryRunResult.nullable(),
  /** Why it failed. */
  why: Sentence.nullable(),
})
export type DryRun = z.infer<typeof DryRun>
