// Goal: never more at a time than allowed, all in their turn, whatever fails. Method: work that ends when told to.
import { expect, test } from 'vitest'
import { limitConcurrency } from './limit-concurrency.ts'

test('so many run, the rest wait in order, and a failure gives its place away', async () => {
  const limited = limitConcurrency(2, 9)
  const started: number[] = []
  const ends: ((fails: boolean) => void)[] = []
  const results = [0, 1, 2, 3].map((number) =>
    limited(
      () =>
        new Promise<number>((resolve, reject) => {
          started.push(number)
          ends.push((fails) => (fails ? reject(new Error('no')) : resolve(number)))
        }),
    ).catch(() => -1),
  )
  expect(started).toEqual([0, 1])
  ends[1]?.(true)
  expect(await results[1]).toBe(-1)
  expect(started).toEqual([0, 1, 2])
  ends[0]?.(false)
  ends[2]?.(false)
  expect(await Promise.all(results.slice(0, 3))).toEqual([0, -1, 2])
  expect(started).toEqual([0, 1, 2, 3])
  ends[3]?.(false)
  expect(await results[3]).toBe(3)
})

test('whoever comes when too many wait is told so, and those who wait are served', async () => {
  const limited = limitConcurrency(1, 1)
  let end = () => {}
  const first = limited(() => new Promise<void>((resolve) => (end = resolve)))
  const second = limited(async () => 'served')
  await expect(limited(async () => 'never')).rejects.toMatchObject({ code: 'not_ready' })
  end()
  await first
  expect(await second).toBe('served')
})
