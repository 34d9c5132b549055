// Goal: hosts begin only when the clocks of the window's own place say so, also in the nights in which these change. Method: a
// table of moments; and for every quarter of an hour of two such nights, against what the clock on the wall shows.
import { expect, test } from 'vitest'
import { MaintenanceWindow } from '../../contract/rollout-plan.ts'
import { nextWindow, windowEnd } from './windows.ts'

const EVERY_DAY = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
const window = (change: object = {}) =>
  MaintenanceWindow.parse({ timeZone: 'Europe/Berlin', days: EVERY_DAY, from: '22:00', to: '04:00', ...change })
const endOf = (change: object, at: string): string | null => {
  const end = windowEnd([window(change)], Date.parse(at))
  return end === null ? null : new Date(end).toISOString().replace('.000', '')
}

test.each([
  ['it begins', {}, '2026-11-27T21:00:00Z', '2026-11-28T03:00:00Z'],
  ['a second before', {}, '2026-11-27T20:59:59Z', null],
  ['its last second', {}, '2026-11-28T02:59:59Z', '2026-11-28T03:00:00Z'],
  ['its end', {}, '2026-11-28T03:00:00Z', null],
  ['the night after a Friday', { days: ['friday'] }, '2026-11-28T02:00:00Z', '2026-11-28T03:00:00Z'],
  ['the night after a Thursday', { days: ['friday'] }, '2026-11-27T02:00:00Z', null],
  ['a whole day', { from: '06:00', to: '06:00' }, '2026-11-27T12:00:00Z', '2026-11-28T05:00:00Z'],
  [
    'half an hour off',
    { timeZone: 'Asia/Kolkata', from: '01:00', to: '02:00' },
    '2026-11-27T20:00:00Z',
    '2026-11-27T20:30:00Z',
  ],
  // Clocks go from 02:00 to 03:00 at 01:00 UTC on 29 March 2026.
  ['the night that lacks an hour', {}, '2026-03-29T01:30:00Z', '2026-03-29T02:00:00Z'],
  ['a window in the hour left out', { from: '02:15', to: '02:45' }, '2026-03-29T01:00:00Z', null],
  ['it begins in the hour left out', { from: '02:30', to: '05:00' }, '2026-03-29T01:00:00Z', '2026-03-29T03:00:00Z'],
  ['it has not begun in the hour before', { from: '02:30', to: '05:00' }, '2026-03-29T00:59:59Z', null],
  ['it ends in the hour left out', { from: '00:00', to: '02:30' }, '2026-03-29T00:59:59Z', '2026-03-29T01:00:00Z'],
  // Clocks go from 03:00 back to 02:00 at 01:00 UTC on 25 October 2026.
  ['the night that has an hour twice', {}, '2026-10-25T00:30:00Z', '2026-10-25T03:00:00Z'],
  ['it ends in that hour: the first time', { to: '02:30' }, '2026-10-25T00:29:00Z', '2026-10-25T00:30:00Z'],
  ['and the second is outside', { to: '02:30' }, '2026-10-25T01:10:00Z', null],
  ['it begins in that hour: the second time', { from: '02:30', to: '05:00' }, '2026-10-25T00:40:00Z', null],
  ['and goes on to its end', { from: '02:30', to: '05:00' }, '2026-10-25T01:30:00Z', '2026-10-25T04:00:00Z'],
  [
    'all of it in that hour: the first time',
    { from: '02:15', to: '02:45' },
    '2026-10-25T00:20:00Z',
    '2026-10-25T00:45:00Z',
  ],
])('%s', (_name, change, at, end) => expect(endOf(change, at)).toBe(end))

test('T21 in nights in which clocks change, nothing is inside that the clock on the wall puts outside', () => {
  const wall = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit' })
  const times = ['00:00', '01:30', '02:00', '02:30', '03:00', '03:30', '23:00']
  let inside = 0
  for (const night of ['2026-03-28T22:00:00Z', '2026-10-24T21:00:00Z']) {
    for (const from of times) {
      for (const to of times) {
        if (from === to) continue
        for (let quarter = 0; quarter < 32; quarter += 1) {
          const at = Date.parse(night) + quarter * 15 * 60_000
          if (windowEnd([window({ from, to })], at) === null) continue
          const shown = wall.format(at)
          const isIn = from < to ? from <= shown && shown < to : from <= shown || shown < to
          expect([new Date(at).toISOString(), from, to, isIn]).toEqual([new Date(at).toISOString(), from, to, true])
          inside += 1
        }
      }
    }
  }
  expect(inside).toBeGreaterThan(400)
})

test('no windows: at any time; of several that hold a moment, the last end counts', () => {
  expect(windowEnd([], 0)).toBe(Number.POSITIVE_INFINITY)
  const both = [window({ from: '22:00', to: '23:00' }), window({ from: '22:00', to: '23:30' })]
  expect(windowEnd(both, Date.parse('2026-11-27T21:30:00Z'))).toBe(Date.parse('2026-11-27T22:30:00Z'))
})

test('the next one', () => {
  const friday = window({ days: ['friday'] })
  expect(nextWindow([friday], Date.parse('2026-11-27T21:00:00Z'))).toBe(Date.parse('2026-12-04T21:00:00Z'))
  expect(nextWindow([friday], Date.parse('2026-11-27T20:00:00Z'))).toBe(Date.parse('2026-11-27T21:00:00Z'))
  expect(nextWindow([], 0)).toBeNull()
})

test('a plan names a time zone that there is', () => {
  expect(MaintenanceWindow.safeParse({ ...window(), timeZone: 'Mars/Olympus' }).success).toBe(false)
  expect(windowEnd([{ ...window(), timeZone: 'Mars/Olympus' }], Date.parse('2026-11-27T21:00:00Z'))).toBeNull()
})
