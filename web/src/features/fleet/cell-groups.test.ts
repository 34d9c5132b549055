// Goal: a map that is drawn in steps shows the same cells in the end, in the same order. Method: the pure functions.
import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { expect, test } from 'vitest'
import { type CellGroup, firstCells, mapHeight } from './cell-groups.ts'

const groupOf = (name: string, count: number): CellGroup => ({
  ...{ name, unsettled: 0, shown: [] },
  hosts: Array.from({ length: count }, (_, n) => ({ id: `${name}${n}` }) as HostSummary),
})

const groups = [groupOf('a', 5), groupOf('b', 3), groupOf('c', 1)]
const sizes = (cells: number) => firstCells(groups, cells).map(({ name, shown }) => [name, shown.length])

test('the first group is filled before the second begins', () => {
  expect(sizes(0)).toEqual([])
  expect(sizes(4)).toEqual([['a', 4]])
  expect(sizes(5)).toEqual([['a', 5]])
  expect(sizes(7)).toEqual([
    ['a', 5],
    ['b', 2],
  ])
  expect(sizes(9)).toEqual([
    ['a', 5],
    ['b', 3],
    ['c', 1],
  ])
})

test('the height grows with hosts and groups', () => {
  expect(mapHeight(1, 1)).toBeGreaterThanOrEqual(128)
  expect(mapHeight(5_000, 12)).toBeGreaterThan(mapHeight(5_000, 1))
  expect(mapHeight(5_000, 1)).toBeGreaterThan(1_500)
})
