// Goal: a transition that changes is told each second, one that stands still each five, who holds it back at once, and a snapshot once.
// Method: a clock of the test, moved by hand between the looks of an agent.
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import { expect, test } from 'vitest'
import { bareSnapshot } from '../../bench/bare-snapshot.ts'
import { bareSample } from '../../bench/bare-transition.ts'
import { createEmitter } from './emitter.ts'

const LOOK_EVERY_MS = 500
const STARTED_AT = new Date('2026-11-28T00:00:00Z')
/** As far as it ever gets: it waits for its blocking tasks. */
const STANDS = bareSample(10, STARTED_AT)
const first = STANDS.blocking[0]
if (first === undefined) throw new Error('the sample has no blocking task')

/** The seconds at which what was read in each look was told. */
const toldAt = (looks: readonly (TransitionSample | null)[]): number[] => {
  let nowMs = 0
  const told: number[] = []
  const listener = { snapshot: () => undefined, transition: () => told.push(nowMs / 1_000) }
  const clock = { now: () => nowMs, monotonicMicroseconds: () => nowMs * 1_000, sleep: async () => undefined }
  const emit = createEmitter(listener, clock)
  for (const sample of looks) {
    nowMs += LOOK_EVERY_MS
    emit.sample(sample)
  }
  return told
}

const looked = (seconds: number, read: (second: number) => TransitionSample | null) =>
  Array.from({ length: seconds * 2 }, (_, look) => read((look + 1) / 2))

test('other numbers are told each second', () => {
  const falling = looked(4, (second) => ({ ...STANDS, tasksRemaining: 900 - second * 2 }))
  expect(toldAt(falling)).toEqual([0.5, 1.5, 2.5, 3.5])
})

test('what stands still is told each five seconds, whenever it was read', () => {
  const standing = looked(11, (second) => ({ ...STANDS, sampledAt: new Date(second * 1_000).toISOString() }))
  expect(toldAt(standing)).toEqual([0.5, 5.5, 10.5])
})

test('who holds it back is told at once, and so is its end', () => {
  const another = { ...STANDS, blocking: [{ ...first, tid: 7 }], blockingTotal: 1 }
  expect(toldAt([STANDS, STANDS, another, null, null])).toEqual([0.5, 1.5, 2])
})

test('a stack that is another waits for its second, not for five', () => {
  const moved = { ...STANDS, blocking: [{ ...first, wchan: 'elsewhere' }, ...STANDS.blocking.slice(1)] }
  expect(toldAt([STANDS, moved, moved, moved])).toEqual([0.5, 1.5])
})

test('an act can go by each reading, told or not', () => {
  const looks: (TransitionSample | null)[] = []
  const clock = { now: () => 0, monotonicMicroseconds: () => 0, sleep: async () => undefined }
  const listener = { snapshot: () => undefined, transition: () => undefined, looked: looks.push.bind(looks) }
  const emit = createEmitter(listener, clock)
  const later = { ...STANDS, sampledAt: new Date(1_000).toISOString() }
  for (const sample of [STANDS, later, null]) emit.sample(sample)
  expect(looks).toEqual([STANDS, later, null])
})

test('a snapshot is told once', () => {
  const told: string[] = []
  const clock = { now: () => 0, monotonicMicroseconds: () => 0, sleep: async () => undefined }
  const emit = createEmitter({ snapshot: (_, hash) => told.push(hash), transition: () => undefined }, clock)
  emit.snapshot(bareSnapshot('one'))
  emit.snapshot(bareSnapshot('one'))
  emit.snapshot(bareSnapshot('other'))
  expect(told).toHaveLength(2)
})
