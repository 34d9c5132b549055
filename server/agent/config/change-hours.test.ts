// Goal: changes are let through at the hours that the host names, by the clock on its wall. Method: a table of moments.
import { expect, test } from 'vitest'
import { ChangeHours, hoursText, isWithinHours } from './change-hours.ts'

const hours = (change: object = {}) =>
  ChangeHours.parse({ days: ['fri'], from: '22:00', to: '04:00', zone: 'Europe/Berlin', ...change })

test.each([
  ['Friday 22:00 in Berlin', '2026-11-27T21:00:00Z', true],
  ['a minute before', '2026-11-27T20:59:59Z', false],
  ['the night after it, which began on Friday', '2026-11-28T02:59:59Z', true],
  ['its end', '2026-11-28T03:00:00Z', false],
  ['the night before it, which began on Thursday', '2026-11-27T02:00:00Z', false],
  ['in summer, by summer time', '2026-07-03T20:00:00Z', true],
  ['in summer, by winter time', '2026-07-04T02:30:00Z', false],
])('%s', (_name, at, isIn) => expect(isWithinHours(hours(), Date.parse(at))).toBe(isIn))

test('within one day, and over the end of the week', () => {
  const day = hours({ from: '09:00', to: '17:00', zone: 'UTC' })
  expect(isWithinHours(day, Date.parse('2026-11-27T09:00:00Z'))).toBe(true)
  expect(isWithinHours(day, Date.parse('2026-11-27T17:00:00Z'))).toBe(false)
  const sunday = hours({ days: ['sat'], zone: 'UTC' })
  expect(isWithinHours(sunday, Date.parse('2026-11-29T03:00:00Z'))).toBe(true)
  expect(isWithinHours(sunday, Date.parse('2026-11-28T03:00:00Z'))).toBe(false)
})

test.each([
  { from: '24:00' },
  { to: '22:00' },
  { zone: 'Mars/Olympus' },
  { days: [] },
  { days: ['monday'] },
  { until: 1 },
])('T27 not taken: %j', (change) => expect(ChangeHours.safeParse({ ...hours(), ...change }).success).toBe(false))

test('said in words', () => {
  expect(hoursText(hours())).toBe('fri 22:00 to 04:00, Europe/Berlin')
  expect(hoursText(ChangeHours.parse({ from: '00:00', to: '23:59', zone: 'UTC' }))).toMatch(/^every day/)
})
