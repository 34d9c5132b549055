import { mixed } from '../core/random.ts'
import { type ModelEvent, SYSTEMS, type System } from '../models/model.ts'
import type { LabSetting, SweepPoint } from './lab-run.ts'
import { labMachine, outcomeOf, stopsOf } from './run-lab.ts'

const SECOND_US = 1_000_000

export type SweptOver = SweepPoint['over']

/** Where the sweep looks, unless told otherwise. */
export const SWEEP_VALUES: Readonly<Record<SweptOver, readonly number[]>> = {
  tasks: [100, 250, 500, 1_000, 2_500, 5_000, 12_000],
  sleepers: [0, 1, 2, 4, 8, 16, 32],
  functions: [1, 2, 4, 8, 12, 20, 30, 40],
}
export const SWEEP_SEEDS = 5

interface Outcome {
  readonly pauseMs: number
  readonly completionSeconds: number | null
  readonly attempts: number
}

/** One system at one value, over several seeds that follow from the setting's. */
export const sweepPoint = (
  setting: LabSetting,
  { system, over, value, seeds = SWEEP_SEEDS }: { system: System; over: SweptOver; value: number; seeds?: number },
): SweepPoint => {
  const outcomes = Array.from({ length: seeds }, (_, index) =>
    outcome({ ...setting, [over]: value, seed: mixed(setting.seed, index) >>> 1 }, system),
  )
  const completed = outcomes.flatMap(({ completionSeconds }) => (completionSeconds === null ? [] : [completionSeconds]))
  return {
    ...{ system, over, value },
    pauseMs: rangeOf(outcomes.map(({ pauseMs }) => pauseMs)),
    completionSeconds: completed.length * 2 > outcomes.length ? rangeOf(completed) : null,
    attempts: rangeOf(outcomes.map(({ attempts }) => attempts))[1],
  }
}

/** All points of a sweep, value by value, so that a picture of them can grow. */
export function* sweep(
  setting: LabSetting,
  { over, values = SWEEP_VALUES[over], seeds }: { over: SweptOver; values?: readonly number[]; seeds?: number },
): Generator<SweepPoint, void> {
  for (const value of values)
    for (const system of SYSTEMS)
      yield sweepPoint(setting, { ...{ system, over, value }, ...(seeds === undefined ? {} : { seeds }) })
}

/** Runs only until the system is done, since nothing after that counts. */
const outcome = (setting: LabSetting, system: System): Outcome => {
  const { machine, model, patch } = labMachine(setting, system)
  const fromUs = machine.nowUs
  const untilUs = fromUs + setting.seconds * SECOND_US
  model.apply(patch)
  while (model.status === 'in_progress') {
    const next = machine.nextUs()
    if (next === undefined || next > untilUs) break
    machine.advanceTo(next)
  }
  const events: readonly ModelEvent[] = model.events
  const { completedUs, attempts } = outcomeOf(events)
  const pausesMs = stopsOf(events).map((stop) => (stop.toUs - stop.fromUs) / 1_000)
  return {
    pauseMs: Math.max(0, ...pausesMs),
    completionSeconds: completedUs === null ? null : (completedUs - fromUs) / SECOND_US,
    attempts,
  }
}

const rangeOf = (values: readonly number[]): readonly [least: number, median: number, most: number] => {
  const sorted = values.toSorted((left, right) => left - right)
  const [least = 0, most = 0] = [sorted[0], sorted.at(-1)]
  return [least, sorted[Math.floor(sorted.length / 2)] ?? 0, most]
}
