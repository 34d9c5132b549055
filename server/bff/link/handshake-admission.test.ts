// Goal: a source that floods the port waits behind itself alone. Method: the queue by itself, and addresses by table.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createFairQueue, createSlowLanes } from './handshake-admission.ts'
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

describe('T20 a source whose host comes back while it is held off', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  const opened = () => {
    const entered: number[] = []
    const lanes = createSlowLanes<{ number: number; destroyed: boolean }>(({ number }) => entered.push(number))
    lanes.open('flood')
    return { entered, lanes }
  }

  test('is let in one by one, and of those who wait only so many', () => {
    const { entered, lanes } = opened()
    expect([lanes.has('flood'), lanes.has('calm')]).toEqual([true, false])
    const joined = Array.from({ length: 100 }, (_, number) => lanes.join('flood', { number, destroyed: number === 1 }))
    expect(joined.filter(Boolean)).toHaveLength(64)
    expect(entered).toEqual([])
    vi.advanceTimersByTime(300)
    expect(entered, 'who has left is passed over').toEqual([0, 2, 3])
  })

  test('goes back to the others once it was quiet, and not while anybody waits', () => {
    const { entered, lanes } = opened()
    vi.advanceTimersByTime(59_000)
    lanes.open('flood')
    vi.advanceTimersByTime(59_950)
    lanes.join('flood', { number: 7, destroyed: false })
    vi.advanceTimersByTime(100)
    expect([entered, lanes.has('flood')]).toEqual([[7], true])
    vi.advanceTimersByTime(200)
    expect(lanes.has('flood')).toBe(false)
    expect(lanes.join('flood', { number: 8, destroyed: false })).toBe(false)
  })
})
