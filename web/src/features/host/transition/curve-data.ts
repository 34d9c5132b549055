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
