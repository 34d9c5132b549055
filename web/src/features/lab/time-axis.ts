import { tickWord } from './time-words.ts'

export const AXIS_KINDS = ['log', 'even'] as const
export type AxisKind = (typeof AXIS_KINDS)[number]

/** How far one may look closer: half as much each time. */
export const ZOOM_MAX = 20
/** What the axis by powers of ten still tells apart from 0, microseconds: less than any stop. */
const LEAST_US = 300

/** A part of a run's time on a line. Microseconds. */
export interface TimeAxis {
  readonly kind: AxisKind
  readonly fromUs: number
  readonly toUs: number
}

/** Powers of ten from the least time on, and 0 at the beginning; or time as it is. */
const warp = (kind: AxisKind, us: number): number => (kind === 'log' ? Math.log1p(Math.max(0, us) / LEAST_US) : us)
const unwarp = (kind: AxisKind, value: number): number => (kind === 'log' ? Math.expm1(value) * LEAST_US : value)

/**
 * The part that is in view: all of it, or 2^-zoom of its length around a moment. It moves by half its own length, so
 * that it stands still while time passes through its middle, and follows from the moment alone.
 */
export const axisAround = (kind: AxisKind, zoom: number, atUs: number, endUs: number): TimeAxis => {
  const whole = warp(kind, endUs)
  const width = whole / 2 ** zoom
  const half = width / 2
  const start = Math.min(whole - width, Math.max(0, Math.floor(warp(kind, atUs) / half) * half - half / 2))
  // There and back again is not exact, and the end is a tick that must be seen.
  const toUs = start + width >= whole * (1 - 1e-12) ? endUs : unwarp(kind, start + width)
  return { kind, fromUs: unwarp(kind, start), toUs }
}

/** Where a moment stands on the axis: 0 at its beginning, 1 at its end; beyond for what is out of view. */
export const positionOf = ({ kind, fromUs, toUs }: TimeAxis, us: number): number => {
  const from = warp(kind, fromUs)
  return (warp(kind, us) - from) / (warp(kind, toUs) - from)
}

/** The moment at a position, whole microseconds. */
export const timeAt = ({ kind, fromUs, toUs }: TimeAxis, position: number): number => {
  const from = warp(kind, fromUs)
  return Math.round(unwarp(kind, from + position * (warp(kind, toUs) - from)))
}

export interface TimeTick {
  readonly us: number
  readonly position: number
  readonly word: string
}

const POWERS = [0, 1e3, 1e4, 1e5, 1e6, 1e7, 6e7, 3e8, 1.8e9]
const CLOCK_STEPS_US = [6e7, 1.2e8, 3e8, 6e8]
/** Between two ticks, as a part of the axis. */
const GAP_LEAST = 0.055

const evenStep = (spanUs: number, ticksMax: number): number => {
  const rough = spanUs / ticksMax
  if (rough > 3e7) return CLOCK_STEPS_US.find((step) => step >= rough) ?? 1.8e9
  const magnitude = 10 ** Math.floor(Math.log10(rough))
  return Math.max(1, [1, 2, 5, 10].map((factor) => factor * magnitude).find((step) => step >= rough) ?? rough)
}

/** Round moments in view, with their words, never so many that the words touch. */
export const ticksOf = (axis: TimeAxis, ticksMax = 8): readonly TimeTick[] => {
  const inView = POWERS.filter((us) => us >= axis.fromUs && us <= axis.toUs)
  const round = axis.kind === 'log' && inView.length >= 3 ? inView : evenTicks(axis, ticksMax)
  const ticks: TimeTick[] = []
  for (const us of round) {
    const position = positionOf(axis, us)
    const last = ticks.at(-1)
    if (last === undefined || position - last.position >= GAP_LEAST) ticks.push({ us, position, word: tickWord(us) })
  }
  return ticks
}

const evenTicks = ({ fromUs, toUs }: TimeAxis, ticksMax: number): number[] => {
  const step = evenStep(toUs - fromUs, ticksMax)
  const first = Math.ceil(fromUs / step)
  return Array.from({ length: Math.floor(toUs / step) - first + 1 }, (_, index) => (first + index) * step)
}
