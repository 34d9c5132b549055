// Goal: a source that floods the port waits behind itself alone. Method: the queue by itself, and addresses by table.
import { describe, expect, test } from 'vitest'
import { createFairQueue } from './handshake-admission.ts'
import { sourceOf } from './source-of.ts'

describe('T20 handshakes that wait', () => {
  test('sources take turns, each in its own order', () => {
    const queue = createFairQueue<string>()
    for (let n = 0; n < 1000; n += 1) queue.join('flood', `flood ${n}`)
    queue.join('calm', 'calm 0')
    queue.join('calm', 'calm 1')
    queue.join('other', 'other 0')
    const taken = Array.from({ length: 7 }, () => queue.take())
    expect(taken).toEqual(['flood 0', 'calm 0', 'other 0', 'flood 1', 'calm 1', 'flood 2', 'flood 3'])
    expect(queue.size).toBe(996)
  })

  test('when too many wait, the flood loses its newest and nobody else any', () => {
    const queue = createFairQueue<string>()
    queue.join('calm', 'calm 0')
    for (let n = 0; n < 10; n += 1) queue.join('flood', `flood ${n}`)
    expect(queue.dropNewestOfLongest()).toBe('flood 9')
    expect(queue.dropNewestOfLongest()).toBe('flood 8')
    expect(queue.take()).toBe('calm 0')
  })

  test('who leaves is passed over, and an empty queue gives nothing', () => {
    const queue = createFairQueue<string>()
    queue.join('a', 'one')
    queue.join('a', 'two')
    queue.leave('a', 'one')
    queue.leave('b', 'nobody')
    expect([queue.take(), queue.take(), queue.size]).toEqual(['two', undefined, 0])
    expect(queue.dropNewestOfLongest()).toBeUndefined()
  })
})

test.each([
  ['10.0.0.5', '10.0.0.5'],
  ['::ffff:10.0.0.5', '10.0.0.5'],
  ['2001:db8:1:2:aaaa::1', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2:bbbb:0:0:9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['', ''],
])('T20 %s is limited as %s', (address, source) => {
  expect(sourceOf(address)).toBe(source)
})
