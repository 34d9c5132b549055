import type { ComplianceCalendar } from '../../contract/compliance-policy.ts'
import { WEEKDAYS } from './compliance-words.ts'

const DAY_MS = 24 * 60 * 60_000
/** Offsets from UTC change on quarters of an hour, so within one the date is the same. */
const QUARTER_MS = 15 * 60_000
/** More than a policy gives. */
const DAYS_MAX = 4096
/** No clock is further from UTC. */
const OFFSET_MS_MAX = 15 * 60 * 60_000

/** Days since 1970-01-01 on the calendar of a place. */
type LocalDay = number

/** When it is due that has so many days from a moment on: the first moment that is too late. */
export type DueAt = (start: number, days: number) => number

const dayOf = (date: string): LocalDay => Date.parse(`${date}T00:00:00Z`) / DAY_MS

const localDays = (timeZone: string): ((at: number) => LocalDay) => {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, calendar: 'gregory', numberingSystem: 'latn', year: 'numeric', month: '2-digit', day: '2-digit' },
  })
  const known = new Map<number, LocalDay>()
  return (at) => {
    const quarter = Math.floor(at / QUARTER_MS)
    const found = known.get(quarter)
    if (found !== undefined) return found
    const parts = format.formatToParts(quarter * QUARTER_MS)
    const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((one) => one.type === type)?.value)
    const day = Date.UTC(part('year'), part('month') - 1, part('day')) / DAY_MS
    known.set(quarter, day)
    return day
  }
}

/** The first quarter of an hour of a day, or of the next that there is, where a place left one out. */
const beginningOf = (day: LocalDay, localDay: (at: number) => LocalDay): number => {
  let before = (day * DAY_MS - OFFSET_MS_MAX) / QUARTER_MS - 1
  let within = (day * DAY_MS + OFFSET_MS_MAX) / QUARTER_MS
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2)
    if (localDay(middle * QUARTER_MS) >= day) within = middle
    else before = middle
  }
  return within * QUARTER_MS
}

/**
 * Counts whole days of a place: what starts on Monday and has two calendar days is due when Wednesday ends there, whether or
 * not clocks change between. Of working days those after the first are counted; with none to count, it is due when the
 * first working day from the start on ends.
 */
export const dueBy = (calendar: ComplianceCalendar): DueAt => {
  const localDay = localDays(calendar.timeZone)
  const holidays = new Set(calendar.holidays.map(dayOf))
  // 1970-01-01 was a Thursday.
  const weekdays = new Set(calendar.workingDays.map((name) => (WEEKDAYS.indexOf(name) + 4) % 7))
  const isWorking = (day: LocalDay) => weekdays.has(((day % 7) + 7) % 7) && !holidays.has(day)
  const lastDay = (first: LocalDay, days: number): LocalDay => {
    if (calendar.count === 'calendar_days') return first + days
    let day = first
    let left = days
    if (left === 0) while (!isWorking(day)) day += 1
    while (left > 0) {
      day += 1
      if (isWorking(day)) left -= 1
    }
    return day
  }
  const known = new Map<number, number>()
  return (start, days) => {
    const first = localDay(start)
    const key = first * DAYS_MAX + days
    const found = known.get(key)
    if (found !== undefined) return found
    const due = beginningOf(lastDay(first, days) + 1, localDay)
    known.set(key, due)
    return due
  }
}
