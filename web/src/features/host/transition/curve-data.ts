import type { TransitionView } from '@rebootless/shared/contract/host-transition.ts'

const SECOND = 1000

interface CurvePoint {
  /** Milliseconds since the start. */
  at: number
  remaining: number
}

export interface Curve {
  points: CurvePoint[]
  /** Milliseconds since the start up to the latest reading. */
  now: number
  /** Where the axis ends: behind the projection. */
  end: number
  most: number
  /** Since when nothing has moved, if it is stalled. */
  stalledFrom: number | null
  /** Two ends of the dashed line; null once it is over. */
  projection: [CurvePoint, CurvePoint] | null
}

/** The readings as a falling line of steps, with what is expected of it. */
export const curveOf = (transition: TransitionView): Curve => {
  const start = Date.parse(transition.startedAt)
  const readings = transition.samples
    .map((sample) => ({ at: Math.max(0, Date.parse(sample.at) - start), remaining: sample.remaining }))
    .sort((left, right) => left.at - right.at)
  const first = readings[0]
  const points = first && first.at > 0 ? [{ at: 0, remaining: transition.tasksTotal }, ...readings] : [...readings]
  if (points.length === 0) points.push({ at: 0, remaining: transition.tasksTotal })
  const ended = transition.endedAt === null ? null : Math.max(0, Date.parse(transition.endedAt) - start)
  if (ended !== null) points.push({ at: ended, remaining: transition.tasksRemaining })
  const last = points.at(-1) ?? { at: 0, remaining: 0 }
  const now = Math.max(last.at, SECOND)
  let changed = 0
  for (const [index, point] of points.entries())
    if (index > 0 && point.remaining !== points[index - 1]?.remaining) changed = point.at
  const endsAt = transition.estimate.endsAt === null ? null : Date.parse(transition.estimate.endsAt) - start
  const end = ended !== null ? now * 1.05 : Math.max(now * 1.35, endsAt === null ? 0 : Math.min(endsAt * 1.1, now * 6))
  const from = { at: now, remaining: last.remaining }
  return {
    points,
    now,
    end,
    most: Math.max(transition.tasksTotal, ...points.map((point) => point.remaining), 1),
    stalledFrom: transition.stalled && ended === null ? changed : null,
    projection:
      ended !== null || last.remaining === 0
        ? null
        : endsAt !== null && endsAt > now
          ? [from, { at: Math.min(endsAt, end), remaining: 0 }]
          : [from, { at: end, remaining: last.remaining }],
  }
}

/** Both scales as functions of the value; the logarithm begins at 0, so that the last task still has its place. */
export const scaleOf = (kind: 'log' | 'linear') => ({
  count: (value: number) => (kind === 'log' ? Math.log10(1 + value) : value),
  time: (milliseconds: number) => (kind === 'log' ? Math.log10(1 + milliseconds / SECOND) : milliseconds / SECOND),
})

const TIMES: readonly [number, string][] = [
  [0, '0'],
  [1, '1 s'],
  [5, '5 s'],
  [15, '15 s'],
  [60, '1 min'],
  [300, '5 min'],
  [1800, '30 min'],
  [7200, '2 h'],
  [43_200, '12 h'],
  [172_800, '2 d'],
  [1_209_600, '14 d'],
]
const LINEAR_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400, 604_800]

export interface Tick {
  value: number
  word: string
}

const timeWord = (seconds: number): string => {
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`
}

export const timeTicks = (end: number, kind: 'log' | 'linear'): Tick[] => {
  const seconds = end / SECOND
  if (kind === 'log')
    return TIMES.filter(([value]) => value <= seconds).map(([value, word]) => ({ value: Math.log10(1 + value), word }))
  const step = LINEAR_STEPS.find((candidate) => seconds / candidate <= 7) ?? seconds / 7
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => ({
    value: index * step,
    word: index === 0 ? '0' : timeWord(index * step),
  }))
}

export const countTicks = (most: number, kind: 'log' | 'linear'): Tick[] => {
  if (kind === 'log') {
    const powers = [0, 1, 10, 100, 1000, 10_000, 100_000].filter((value) => value <= most)
    // The top has its number too, unless a power of ten stands so close that the two would touch.
    const shown = most > (powers.at(-1) ?? 0) * 1.6 ? [...powers, most] : powers
    return shown.map((value) => ({ value: Math.log10(1 + value), word: value.toLocaleString('en-US') }))
  }
  const rough = most / 4
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(1, rough)))
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * magnitude).find((value) => value >= rough) ?? rough)
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => ({
    value: index * step,
    word: (index * step).toLocaleString('en-US'),
  }))
}
