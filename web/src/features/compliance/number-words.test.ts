// Goal: a link to the hosts behind a number shows a colleague the same, and a link written by hand does no harm. Method:
// numbers there and back, and addresses that make no sense.
import { expect, test } from 'vitest'
import { numberInAddress, numberOfAddress, numberTitle } from './number-words.ts'
import type { HostsAsked } from './queries.ts'

const numbers: HostsAsked[] = [
  {},
  { overdue: 'true' },
  { severity: 'critical', overdue: 'true' },
  { owner: 'web & data=1' },
  { owner: '' },
  { datacentre: 'fra1', only: 'exposed' },
  { doubt: 'forced' },
]

test.each(numbers)('%j there and back', (asked) => {
  expect(numberOfAddress(numberInAddress(asked))).toEqual(asked)
})

test('T04 what makes no sense is left out', () => {
  expect(numberOfAddress('severity=awful&only=me&doubt=&overdue=yes&cursor=x&limit=9')).toEqual({})
  expect(numberOfAddress(undefined)).toBeUndefined()
})

test('a list is headed by what it lists', () => {
  expect(numberTitle({ severity: 'critical', overdue: 'true', owner: 'web' })).toBe(
    'Hosts past SLA, critical, owner web',
  )
  expect(numberTitle({ only: 'unjudged', datacentre: '' })).toBe('Hosts not judged yet, without a datacentre')
})
