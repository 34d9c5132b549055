import type { MaintenanceWindow } from '../../contract/rollout-plan.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const MINUTE_MS = 60 * 1000
const WEEK = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const

/** Making one costs a hundred times what using it does. */
const formats = new Map<string, Intl.DateTimeFormat>()
const formatOf = (zone: string): Intl.DateTimeFormat => {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  formats.set(zone, made)
  return made
}

export const isTimeZone = (zone: string): boolean => {
  try {
    return formatOf(zone) !== undefined
  } catch {
    return false
  }
}

/** What clocks on the wall show there, as if it were UTC. */
export const wallOf = (zone: string, at: number): number => {
  const parts = formatOf(zone).formatToParts(at)
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((one) => one.type === type)?.value)
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
}
const offsetOf = (zone: string, at: number): number => wallOf(zone, at) - Math.floor(at / 1000) * 1000

/**
 * When clocks there show this: once; twice, in the hour that comes again when summer time ends; or never, in the hour that
 * is left out when it begins, for which the moment of the change stands.
 */
export const momentsOf = (zone: string, wall: number): { first: number; last: number } => {
  const before = offsetOf(zone, wall - DAY_MS)
  const after = offsetOf(zone, wall + DAY_MS)
  const moments = [wall - before, wall - after].filter((moment) => wallOf(zone, moment) === wall)
  if (moments.length > 0) return { first: Math.min(...moments), last: Math.max(...moments) }
  let low = wall - Math.max(before, after)
  let high = wall - Math.min(before, after)
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000
    if (wallOf(zone, middle) < wall) low = middle
    else high = middle
  }
  return { first: high, last: high }
}

const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))

/**
 * The window that begins on this day there, or null. Where summer time makes a clock show its beginning or its end
 * twice, the shorter one is meant: by the clock on the wall, every moment of it is inside.
 */
const windowOn = (window: MaintenanceWindow, day: number): { from: number; to: number } | null => {
  const name = WEEK[new Date(day).getUTCDay()]
  if (name === undefined || !window.days.includes(name)) return null
  const begins = minutesOf(window.from)
  const ends = minutesOf(window.to)
  const start = momentsOf(window.timeZone, day + begins * MINUTE_MS)
  const to = momentsOf(window.timeZone, day + (ends > begins ? 0 : DAY_MS) + ends * MINUTE_MS).first
  const from = start.last < to ? start.last : start.first
  return from < to ? { from, to } : null
}

/** The days whose windows may hold this moment or come next, from the one before. */
const daysFrom = (zone: string, now: number, count: number): number[] => {
  const today = Math.floor(wallOf(zone, now) / DAY_MS) * DAY_MS
  return Array.from({ length: count }, (_, index) => today + (index - 1) * DAY_MS)
}

/** When the window ends in which `now` is, of several the last; Infinity: there are no windows; null: it is in none. */
export const windowEnd = (windows: readonly MaintenanceWindow[], now: number): number | null => {
  if (windows.length === 0) return Number.POSITIVE_INFINITY
  let end: number | null = null
  for (const window of windows) {
    // A zone that this machine does not know opens nothing.
    if (!isTimeZone(window.timeZone)) continue
    for (const day of daysFrom(window.timeZone, now, 2)) {
      const found = windowOn(window, day)
      if (found !== null && found.from <= now && now < found.to) end = Math.max(end ?? 0, found.to)
    }
  }
  return end
}

/** When the next one begins; null: none does within nine days. */
export const nextWindow = (windows: readonly MaintenanceWindow[], now: number): number | null => {
  const begins = windows
    .filter(({ timeZone }) => isTimeZone(timeZone))
    .flatMap((window) => daysFrom(window.timeZone, now, 10).map((day) => windowOn(window, day)?.from ?? 0))
    .filter((from) => from > now)
  return begins.length === 0 ? null : Math.min(...begins)
}
