// Goal: judging lets pages go first and ends all the same. Method: a thread whose time passes only by its work and its waiting.
import { expect, test } from 'vitest'
import { createWay } from './make-way.ts'

/** A thread whose time passes only by work and by waiting; pages come and go as `waited` says. */
const makeThread = (pages: number, waited: (ms: number, underWay: Int32Array<SharedArrayBuffer>) => number) => {
  const underWay = new Int32Array(new SharedArrayBuffer(4))
  underWay[0] = pages
  let time = 0
  let heldUpMs = 0
  const way = createWay(underWay, {
    now: () => time,
    wait: (cell, _was, ms) => {
      const passed = cell === underWay ? waited(ms, underWay) : ms
      time += passed
      heldUpMs += passed
    },
  })
  return {
    /** @returns how long it was held up after so much work */
    work(ms: number): number {
      time += ms
      heldUpMs = 0
      way()
      return heldUpMs
    },
  }
}

test('works on while nobody waits for a page, with a rest after each few pieces', () => {
  const thread = makeThread(0, () => 0)
  expect(thread.work(1)).toBe(0)
  expect(thread.work(8)).toBe(0)
  expect(thread.work(1)).toBe(10)
  expect(thread.work(1)).toBe(0)
})

test('waits until the page has its answer, and no longer', () => {
  const thread = makeThread(1, (_ms, underWay) => {
    underWay[0] = 0
    return 3
  })
  expect(thread.work(20)).toBe(20 + 3)
  expect(thread.work(2)).toBe(0)
})

test('goes on in the end where pages are asked for without a break: it works for a third of the time', () => {
  const thread = makeThread(1, (ms) => ms)
  let heldUp = 0
  for (let piece = 0; piece < 100; piece += 1) heldUp += thread.work(5)
  expect(heldUp).toBe(100 * 5 * 2)
})

test('hours without work earn no long wait', () => {
  const thread = makeThread(1, (ms) => ms)
  expect(thread.work(3_600_000)).toBe(100 + 100)
})
