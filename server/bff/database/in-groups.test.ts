// Goal: many share one write, in order, and none suffers by another. Method: writes that end, or fail, when told to.
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { inGroups } from './in-groups.ts'

interface Item {
  readonly key: string
  readonly number: number
}

const refused = () => Object.assign(new pg.DatabaseError('refused', 0, 'error'), { code: '22P05' })
const away = () => Object.assign(new pg.DatabaseError('shutting down', 0, 'error'), { code: '57P01' })

const rig = (
  options: { most?: number; everyMs?: number; fails?: (items: readonly Item[]) => Error | undefined } = {},
) => {
  const groups: string[][] = []
  const { most = 10, everyMs = 0, fails = () => undefined } = options
  const put = inGroups<Item, number>({
    async write(items) {
      groups.push(items.map(({ key, number }) => `${key}${number}`))
      await new Promise((resolve) => setTimeout(resolve, 1))
      const failure = fails(items)
      if (failure) throw failure
      return items.map(({ number }) => number)
    },
    keyOf: ({ key }) => key,
    ...{ most, everyMs },
  })
  return { groups, put: (key: string, number: number) => put({ key, number }) }
}

describe('a group', () => {
  test('is what came while the one before was written; each gets its own result', async () => {
    const { groups, put } = rig()
    const results = await Promise.all(['a', 'b', 'c', 'd'].map((key, number) => put(key, number)))
    expect(results).toEqual([0, 1, 2, 3])
    expect(groups).toEqual([['a0'], ['b1', 'c2', 'd3']])
  })

  test('holds of each key one, those of a key in their order, and never more than allowed', async () => {
    const { groups, put } = rig({ most: 2 })
    await Promise.all([put('x', 0), put('a', 1), put('a', 2), put('b', 3), put('c', 4), put('a', 5), put('c', 6)])
    expect(groups).toEqual([['x0'], ['a1', 'b3'], ['a2', 'c4'], ['a5', 'c6']])
  })

  test('waits for its time, unless it is full', async () => {
    const { groups, put } = rig({ most: 3, everyMs: 60_000 })
    await put('x', 0)
    const [a, b] = [put('a', 1), put('b', 2)]
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(groups).toEqual([['x0']])
    expect(await Promise.all([a, b, put('c', 3)])).toEqual([1, 2, 3])
    expect(groups).toEqual([['x0'], ['a1', 'b2', 'c3']])
  })
})

describe('a failure', () => {
  test('that may be of one item is of that item alone', async () => {
    const { groups, put } = rig({ fails: (items) => (items.some(({ key }) => key === 'bad') ? refused() : undefined) })
    const settled = await Promise.allSettled([put('x', 0), put('a', 1), put('bad', 2), put('b', 3)])
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    expect(groups).toEqual([['x0'], ['a1', 'bad2', 'b3'], ['a1', 'bad2'], ['a1'], ['bad2'], ['b3']])
    expect(await put('c', 4)).toBe(4)
  })

  test('of the database is of all, and is not tried for each', async () => {
    let down = true
    const { groups, put } = rig({ fails: () => (down ? away() : undefined) })
    const settled = await Promise.allSettled([put('x', 0), put('a', 1), put('b', 2)])
    expect(settled.every(({ status }) => status === 'rejected')).toBe(true)
    expect(groups).toEqual([['x0'], ['a1', 'b2']])
    down = false
    expect(await put('a', 3)).toBe(3)
  })
})
