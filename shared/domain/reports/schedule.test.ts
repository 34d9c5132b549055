// Goal: a report is due once a week or month at an hour of a place's own clocks, whatever is done to these clocks. Method: cases at the
// edges of summer time, months and years; and moments from a seed, whose due times are read back by Intl.
import { describe, expect, test } from 'vitest'
import { dueCount, lastDue, nextDue, type ReportSchedule } from './schedule.ts'

const weekly = (weekday: number, hour: number, timeZone: string): ReportSchedule => ({
  ...{ kind: 'weekly', weekday, hour, timeZone },
})
const monthly = (day: number, hour: number, timeZone: string): ReportSchedule => ({
  ...{ kind: 'monthly', day, hour, timeZone },
})
const next = (schedule: ReportSchedule, after: string) => {
  const { period, at } = nextDue(schedule, Date.parse(after))
  return [period, new Date(at).toISOString().slice(0, 16)]
}

describe('it is due next', () => {
  test.each([
    ['on Monday', weekly(1, 8, 'UTC'), '2026-11-26T12:00:00Z', '2026-W49', '2026-11-30T08:00'],
    ['later today', weekly(4, 13, 'UTC'), '2026-11-26T12:00:00Z', '2026-W48', '2026-11-26T13:00'],
    ['not now, but in a week', weekly(4, 12, 'UTC'), '2026-11-26T12:00:00Z', '2026-W49', '2026-12-03T12:00'],
    ['in winter', weekly(1, 8, 'Europe/Berlin'), '2026-11-26T12:00:00Z', '2026-W49', '2026-11-30T07:00'],
    ['in summer', weekly(1, 8, 'Europe/Berlin'), '2026-07-22T12:00:00Z', '2026-W31', '2026-07-27T06:00'],
    [
      'at an hour that is left out',
      weekly(7, 2, 'Europe/Berlin'),
      '2026-03-25T12:00:00Z',
      '2026-W13',
      '2026-03-29T01:00',
    ],
    ['at the first of two', weekly(7, 2, 'Europe/Berlin'), '2026-10-20T12:00:00Z', '2026-W43', '2026-10-25T00:00'],
    ['once, between the two', weekly(7, 2, 'Europe/Berlin'), '2026-10-25T00:30:00Z', '2026-W44', '2026-11-01T01:00'],
    [
      'at the first of two in New York',
      weekly(7, 1, 'America/New_York'),
      '2026-10-30T12:00:00Z',
      '2026-W44',
      '2026-11-01T05:00',
    ],
    [
      'where clocks move by half an hour',
      weekly(7, 2, 'Australia/Lord_Howe'),
      '2026-10-01T12:00:00Z',
      '2026-W40',
      '2026-10-03T15:30',
    ],
    [
      'on a day that a place left out',
      weekly(5, 9, 'Pacific/Apia'),
      '2011-12-29T20:00:00Z',
      '2011-W52',
      '2011-12-30T10:00',
    ],
    ['in a week of the year before', weekly(5, 8, 'UTC'), '2026-12-31T12:00:00Z', '2026-W53', '2027-01-01T08:00'],
    ['on the first', monthly(1, 0, 'UTC'), '2026-11-26T12:00:00Z', '2026-12', '2026-12-01T00:00'],
    ['on the last of February', monthly(31, 6, 'UTC'), '2027-02-01T00:00:00Z', '2027-02', '2027-02-28T06:00'],
    ['on a leap day', monthly(31, 6, 'UTC'), '2028-02-01T00:00:00Z', '2028-02', '2028-02-29T06:00'],
    ['in the next year', monthly(15, 6, 'Asia/Kolkata'), '2026-12-20T00:00:00Z', '2027-01', '2027-01-15T00:30'],
    ['in the month of that place', monthly(1, 1, 'Asia/Tokyo'), '2026-11-26T12:00:00Z', '2026-12', '2026-11-30T16:00'],
  ])('%s', (_name, schedule, after, period, at) => expect(next(schedule, after)).toEqual([period, at]))
})

test('what was missed is counted', () => {
  const schedule = weekly(1, 8, 'UTC')
  const count = (after: string, until: string) => dueCount(schedule, Date.parse(after), Date.parse(until))
  expect(count('2026-11-02T08:00:00Z', '2026-11-23T08:00:00Z')).toBe(3)
  expect(count('2026-11-02T08:00:00Z', '2026-11-02T09:00:00Z')).toBe(0)
})

test('at any moment: in order, one a period, and at the hour that the place’s clocks show or the first after', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Chatham']
  let state = 20261126
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state % below
  }
  for (let round = 0; round < 400; round += 1) {
    const timeZone = zones[round % zones.length] ?? 'UTC'
    const hour = random(24)
    const schedule = round % 2 === 0 ? weekly(1 + random(7), hour, timeZone) : monthly(1 + random(31), hour, timeZone)
    const at = Date.UTC(2024, 0, 1) + random(5 * 365 * 24 * 60) * 60_000
    const [last, due] = [lastDue(schedule, at), nextDue(schedule, at)]
    const told = `${JSON.stringify(schedule)} at ${new Date(at).toISOString()}`
    expect(last.at <= at && at < due.at, told).toBe(true)
    expect(last.period < due.period, told).toBe(true)
    expect(nextDue(schedule, last.at), told).toEqual(due)
    expect(lastDue(schedule, due.at), told).toEqual(due)
    const wall = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    const shown = wall.format(due.at)
    if (shown === `${String(hour).padStart(2, '0')}:00`) continue
    // Put forward over it: a minute before, clocks showed an earlier hour.
    expect(wall.format(due.at - 60_000) < `${String(hour).padStart(2, '0')}:00`, `${told}: ${shown}`).toBe(true)
  }
})
