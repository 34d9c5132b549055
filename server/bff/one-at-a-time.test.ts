// Goal: what is asked for while it runs is done again after, once, and never beside itself. Method: work that a test lets end.
import { expect, test } from 'vitest'
import { oneAtATime } from './one-at-a-time.ts'

const heldWork = () => {
  const waiting: (() => void)[] = []
  let begun = 0
  const work = () => {
    begun += 1
    return new Promise<void>((resolve) => waiting.push(resolve))
  }
  /** Lets the oldest end, and all that follows from it happen. */
  const next = async () => {
    waiting.shift()?.()
    await new Promise(setImmediate)
  }
  return { work, next, begun: () => begun }
}

test('many who ask while it runs are served by one more run', async () => {
  const held = heldWork()
  const { run } = oneAtATime(held.work)
  const asked = [run(), run(), run()]
  expect(held.begun()).toBe(1)
  await held.next()
  expect(held.begun()).toBe(2)
  await held.next()
  await Promise.all(asked)
  expect(held.begun()).toBe(2)
  void run()
  expect(held.begun()).toBe(3)
})

test('its end waits for the run under way, and begins no other', async () => {
  const held = heldWork()
  const { run, end } = oneAtATime(held.work)
  void run()
  void run()
  let over = false
  const ended = end().then(() => {
    over = true
  })
  await new Promise(setImmediate)
  expect(over).toBe(false)
  await held.next()
  await ended
  await run()
  expect(held.begun()).toBe(1)
})

test('work that failed may be asked for again', async () => {
  let tries = 0
  const { run } = oneAtATime(async () => {
    tries += 1
    if (tries === 1) throw new Error('the first')
  })
  await expect(run()).rejects.toThrow('the first')
  await run()
  expect(tries).toBe(2)
})
