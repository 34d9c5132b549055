import { momentsOf, wallOf } from '../rollouts/windows.ts'

/**
 * When a report is due: an hour of a place's own clocks, once a week or once a month. Of an hour that comes twice the first is meant; for
 * one that clocks are put forward over, the moment at which they are.
 */
export type ReportSchedule =
  | {
      readonly kind: 'weekly'
      /** As ISO 8601 counts: 1 is Monday, 7 Sunday. */
      readonly weekday: number
      /** From 0 to 23. */
      readonly hour: number
      /** Of the IANA database. */
      readonly timeZone: string
    }
  | {
      readonly kind: 'monthly'
      /** From 1 to 31; a shorter month has its last day instead. */
      readonly day: number
      readonly hour: number
      readonly timeZone: string
    }

export interface Due {
  /** The week (ISO 8601) or month that a report is of: `2026-W48`, `2026-11`. The same however day and hour are changed within it. */
  readonly period: string
  /** Milliseconds of the epoch. */
  readonly at: number
}

const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS

const dayOf = (wall: number): number => Math.floor(wall / DAY_MS)
/** 1970-01-01 was a Thursday. */
const weekdayOf = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1

/** ISO 8601: a week is of the year that its Thursday is in. */
const weekName = (monday: number): string => {
  const thursday = monday + 3
  const year = new Date(thursday * DAY_MS).getUTCFullYear()
  const number = Math.floor((thursday - Date.UTC(year, 0, 1) / DAY_MS) / 7) + 1
  return `${year}-W${String(number).padStart(2, '0')}`
}

/** When it is due in the period that is so many after the one of a moment. */
const dueIn = (schedule: ReportSchedule, at: number, periods: number): Due => {
  const today = dayOf(wallOf(schedule.timeZone, at))
  const hour = schedule.hour * HOUR_MS
  if (schedule.kind === 'weekly') {
    const monday = today - (weekdayOf(today) - 1) + 7 * periods
    const wall = (monday + schedule.weekday - 1) * DAY_MS + hour
    return { period: weekName(monday), at: momentsOf(schedule.timeZone, wall).first }
  }
  const date = new Date(today * DAY_MS)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + periods]
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  const wall = Date.UTC(year, month, Math.min(schedule.day, lastDay)) + hour
  return {
    period: new Date(Date.UTC(year, month)).toISOString().slice(0, 7),
    at: momentsOf(schedule.timeZone, wall).first,
  }
}

const around = (schedule: ReportSchedule, at: number): Due[] =>
  [-1, 0, 1, 2].map((periods) => dueIn(schedule, at, periods))

/** The last time that it was due, at or before a moment. */
export const lastDue = (schedule: ReportSchedule, at: number): Due => {
  const found = around(schedule, at).findLast((due) => due.at <= at)
  if (found === undefined) throw new Error('a report is due in each period')
  return found
}

/** When it is due next, after a moment. */
export const nextDue = (schedule: ReportSchedule, at: number): Due => {
  const found = around(schedule, at).find((due) => due.at > at)
  if (found === undefined) throw new Error('a report is due in each period')
  return found
}

const MISSED_MAX = 100

/** How often it was due after the first of these moments and until the second; a hundred at most. */
export const dueCount = (schedule: ReportSchedule, after: number, until: number): number => {
  let count = 0
  for (let due = nextDue(schedule, after); due.at <= until && count < MISSED_MAX; due = nextDue(schedule, due.at)) {
    count += 1
  }
  return count
}
