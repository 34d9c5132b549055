// Goal: what a page was not told, was told twice, out of order or wrongly is found. Method: stored events by hand, and what a page says.
import { expect, test } from 'vitest'
import { departures, type PageEvents } from './faults/page-events.ts'

const event = (id: number, type = 'host.changed', of: string | null = 'a', revision: number | null = null) => ({
  ...{ id: `${id}`, type, of, revision },
})
const STORED = [event(9), event(10), event(11, 'host.changed', 'b'), event(12), event(13, 'freeze.changed', null)]
const page = (told: PageEvents['told'], opened = ['/api/v1/events?lastEventId=9']) => ({ opened, times: 1, told })
const NONE = { missed: [], again: [], foreign: [], older: [], anew: 0 }

test('all told in order, or the later one of a thing for the earlier: nothing is missing', () => {
  const [, ten, eleven, twelve, thirteen] = STORED as [(typeof STORED)[0], ...typeof STORED]
  const whole = [ten, eleven, twelve, thirteen].flatMap((one) => one ?? [])
  expect(departures(page(whole), STORED)).toEqual(NONE)
  expect(departures(page(whole.slice(1)), STORED)).toEqual(NONE)
})

test.each([
  [
    'the last of a thing',
    [event(10), event(11, 'host.changed', 'b'), event(13, 'freeze.changed', null)],
    { missed: ['12 host.changed a'] },
  ],
  ['all of a thing', [event(12), event(13, 'freeze.changed', null)], { missed: ['11 host.changed b'] }],
])('missing is %s', (_, told, wrong) => {
  expect(departures(page(told), STORED)).toEqual({ ...NONE, ...wrong })
})

test('told twice, out of order, of another thing, and a host as it had been', () => {
  const told = [event(11, 'host.changed', 'b', 5), event(11, 'host.changed', 'b', 4), event(10), event(12), event(13)]
  expect(departures(page(told), STORED)).toEqual({
    missed: ['13 freeze.changed null'],
    again: ['11 host.changed b behind 11', '10 host.changed a behind 11'],
    foreign: ['13 host.changed a'],
    older: ['11 host.changed b'],
    anew: 0,
  })
})

test('told to fetch all anew, or opened once more without a place', () => {
  const opened = ['/api/v1/events?lastEventId=13', '/api/v1/events']
  expect(departures(page([event(14, 'reset', null)], opened), STORED)).toEqual({ ...NONE, anew: 2 })
})
