// Goal: silence is noticed, and words are not followed by pings. Method: the intervals of a link, told one by one.
import { expect, test } from 'vitest'
import { createPulse } from './pulse.ts'

test('a silent agent is pinged, waited for once, and cut', () => {
  const pulse = createPulse()
  expect([0, 10, 20].map((at) => pulse.beat(at))).toEqual(['ping', 'wait', 'cut'])
})

test('an agent that only answers pings is pinged at each interval, and its round trip measured', () => {
  const pulse = createPulse()
  for (const at of [0, 10, 20]) {
    expect(pulse.beat(at)).toBe('ping')
    expect(pulse.ponged(at + 3)).toBe(3)
    expect(pulse.ponged(at + 4)).toBeUndefined()
  }
})

test('words to and fro take the place of five pings in six', () => {
  const pulse = createPulse()
  const talk = () => {
    pulse.heard()
    pulse.answered()
  }
  const beats = Array.from({ length: 12 }, (_, at) => {
    talk()
    const what = pulse.beat(at)
    if (what === 'ping') pulse.ponged(at)
    return what
  })
  expect(beats.filter((what) => what === 'ping').length).toBe(2)
})

test('an agent that is heard and gets no answer is pinged, so that it knows that we live', () => {
  const pulse = createPulse()
  pulse.heard()
  expect(pulse.beat(0)).toBe('ping')
})

test('one that talks but answers no ping is cut all the same', () => {
  const pulse = createPulse()
  expect(pulse.beat(0)).toBe('ping')
  for (const what of ['wait', 'cut']) {
    pulse.heard()
    pulse.answered()
    expect(pulse.beat(1)).toBe(what)
  }
})
