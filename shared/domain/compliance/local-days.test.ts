// Goal: a date is over when its day ends at its own place, through summer time, leap days and holidays. Method: worked cases; and
// random starts, held against a slow count that looks at what the clock on the wall shows, hour by hour.
import { expect, test } from 'vitest'
import type { ComplianceCalendar } from '../../contract/compliance-policy.ts'
import type { Weekday } from './compliance-words.ts'
import { dueBy } from './local-days.ts'

const WEEK: Weekday[] = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday']
const calendar = (change: Partial<ComplianceCalendar> = {}): ComplianceCalendar => ({
  ...{ timeZone: 'Europe/Berlin', count: 'calendar_days', workingDays: WEEK, holidays: [], ...change },
})
const due = (start: string, days: number, change: Partial<ComplianceCalendar> = {}) =>
  new Date(dueBy(calendar(change))(Date.parse(start), days)).toISOString().replace(':00.000Z', '')

const WORKING = { count: 'working_days' } as const
test.each([
  ['the day itself', '2026-11-27T09:00:00Z', 0, {}, '2026-11-27T23:00'],
  ['two days', '2026-11-27T09:00:00Z', 2, {}, '2026-11-29T23:00'],
  ['a start late in the evening is the next day there', '2026-11-27T23:30:00Z', 2, {}, '2026-11-30T23:00'],
  ['over the night that lacks an hour', '2026-03-28T12:00:00Z', 1, {}, '2026-03-29T22:00'],
  ['over the night that has an hour twice', '2026-10-24T12:00:00Z', 1, {}, '2026-10-25T23:00'],
  ['a leap day counts', '2028-02-27T12:00:00Z', 2, { timeZone: 'UTC' }, '2028-03-01T00:00'],
  ['no leap day in a hundredth year', '2100-02-27T12:00:00Z', 2, { timeZone: 'UTC' }, '2100-03-02T00:00'],
  ['Friday and one working day is Monday', '2026-11-27T09:00:00Z', 1, WORKING, '2026-11-30T23:00'],
  ['a holiday does not count', '2026-11-27T09:00:00Z', 1, { ...WORKING, holidays: ['2026-11-30'] }, '2026-12-01T23:00'],
  ['none to count, on a Saturday', '2026-11-28T09:00:00Z', 0, WORKING, '2026-11-30T23:00'],
  ['none to count, on a Friday', '2026-11-27T09:00:00Z', 0, WORKING, '2026-11-27T23:00'],
  [
    'Christmas and New Year',
    '2026-12-23T09:00:00Z',
    3,
    { ...WORKING, holidays: ['2026-12-25', '2027-01-01'] },
    '2026-12-29T23:00',
  ],
  // In Beirut clocks go forward at midnight, so 29 March 2026 begins at 01:00, which is 22:00 UTC.
  ['a day that begins at one', '2026-03-28T12:00:00Z', 0, { timeZone: 'Asia/Beirut' }, '2026-03-28T22:00'],
  // Samoa went from the evening of 29 December 2011 to the morning of the 31st.
  ['a day that a place left out', '2011-12-29T20:00:00Z', 1, { timeZone: 'Pacific/Apia' }, '2011-12-30T10:00'],
])('%s', (_name, start, days, change, expected) => expect(due(start, days, change)).toBe(expected))

const chanceOf = (seed: number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x7fffffff
  }
}

test('random starts end when the clock on the wall says so', () => {
  const chance = chanceOf(8)
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Chatham']
  for (let round = 0; round < 150; round += 1) {
    const timeZone = zones[round % zones.length] ?? 'UTC'
    const wall = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
    const start = Date.parse('2026-01-01T00:00:00Z') + Math.floor(chance() * 730 * 24 * 60) * 60_000
    const days = Math.floor(chance() * 12)
    const holidays = Array.from({ length: 5 }, () => wall.format(start + chance() * 15 * 24 * 60 * 60_000))
    const count = chance() < 0.5 ? 'calendar_days' : 'working_days'
    const end = dueBy(calendar({ timeZone, count, holidays }))(start, days)
    // Days as the wall shows them from the start to the last moment that is in time.
    const shown: string[] = []
    for (let at = start; at < end; at += 30 * 60_000) {
      const day = wall.format(at)
      if (shown.at(-1) !== day) shown.push(day)
    }
    if (shown.at(-1) !== wall.format(end - 1)) shown.push(wall.format(end - 1))
    const isWorking = (day: string) => {
      const weekday = new Date(`${day}T12:00:00Z`).getUTCDay()
      return weekday !== 0 && weekday !== 6 && !holidays.includes(day)
    }
    const told = `${new Date(start).toISOString()} ${days} ${count} in ${timeZone}`
    expect(wall.format(end), told).not.toBe(shown.at(-1))
    const later = shown.slice(1)
    if (count === 'calendar_days') expect(later.length, told).toBe(days)
    else {
      expect(later.filter(isWorking).length, told).toBe(days === 0 && !isWorking(shown[0] ?? '') ? 1 : days)
      expect(isWorking(shown.at(-1) ?? ''), told).toBe(true)
    }
  }
})
