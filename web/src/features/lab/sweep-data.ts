import type { SweepPoint } from '@rebootless/server/sim/lab/lab-run.ts'
import type { System } from '@rebootless/server/sim/models/model.ts'
import { SYSTEM_ORDER } from './lab-words.ts'

export const MEASURES = ['pause', 'completion'] as const
export type Measure = (typeof MEASURES)[number]

export interface SweepLine {
  readonly system: System
  readonly points: readonly {
    readonly value: number
    readonly median: number
    readonly range: readonly [number, number]
  }[]
  /** Values at which it was not done within the time, in most runs. */
  readonly never: readonly number[]
}

/** Each system's line of one measure: ms of the longest stop, or seconds until done. */
export const sweepLines = (points: readonly SweepPoint[], measure: Measure): readonly SweepLine[] =>
  SYSTEM_ORDER.map((system) => {
    const own = points.filter((point) => point.system === system).toSorted((left, right) => left.value - right.value)
    const measured = own.flatMap(({ value, pauseMs, completionSeconds }) => {
      const found = measure === 'pause' ? pauseMs : completionSeconds
      return found === null ? [] : [{ value, median: found[1], range: [found[0], found[2]] as const }]
    })
    const never = measure === 'pause' ? [] : own.filter(({ completionSeconds }) => completionSeconds === null)
    return { system, points: measured, never: never.map(({ value }) => value) }
  })

/** Systems that never stop anything at any value stand in words, not as a line at zero. */
export const withoutPause = (lines: readonly SweepLine[]): readonly System[] =>
  lines
    .filter(({ points }) => points.length > 0 && points.every(({ median }) => median === 0))
    .map(({ system }) => system)

/** 0 has a place of its own on a scale by powers of ten: left of 1. */
export const valuePosition = (value: number): number => (value === 0 ? -0.5 : Math.log10(value))

const POWERS = [0.001, 0.01, 0.1, 1, 10, 100, 1_000]

/** Powers of ten that hold all of some positive numbers. */
export const powerTicks = (values: readonly number[]): readonly number[] => {
  const positive = values.filter((value) => value > 0)
  if (positive.length === 0) return [0.1, 1]
  const [least, most] = [Math.min(...positive), Math.max(...positive)]
  const from = POWERS.findLastIndex((power) => power <= least)
  const to = POWERS.findIndex((power) => power >= most)
  return POWERS.slice(Math.max(0, from), (to < 0 ? POWERS.length - 1 : Math.max(to, from + 1)) + 1)
}

/** Room that a line's name needs, as a part of the plot's height. */
const NAME_HEIGHT = 0.065

/**
 * How far each line's name must go up (as a part of the plot's height, by powers of ten) so that names of lines that end
 * at the same value do not lie upon each other.
 */
export const nameShifts = (lines: readonly SweepLine[], least: number, most: number): ReadonlyMap<System, number> => {
  const height = (value: number) => Math.log(value / least) / Math.log(most / least)
  const ends = lines.flatMap(({ system, points }) => {
    const last = points.findLast(({ median }) => median > 0)
    return last === undefined ? [] : [{ system, value: last.value, height: height(last.median) }]
  })
  const shifts = new Map<System, number>()
  const placed: { value: number; height: number }[] = []
  for (const end of ends.toSorted((left, right) => left.height - right.height)) {
    const below = placed.filter(({ value }) => value === end.value).at(-1)
    const at = Math.max(end.height, below === undefined ? 0 : below.height + NAME_HEIGHT)
    placed.push({ value: end.value, height: at })
    shifts.set(end.system, at - end.height)
  }
  return shifts
}
