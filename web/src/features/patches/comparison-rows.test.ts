// Goal: each function of two modules is in one row that says what became of it. Method: comparisons as the server gives them.
import type { PatchComparison } from '@rebootless/shared/contract/patch-comparison.ts'
import { expect, test } from 'vitest'
import { comparedRows } from './comparison-rows.ts'

type Compared = PatchComparison['functions'][number]
const one = (name: string, side: Compared['in'], { object = 'vmlinux', sympos = 1 } = {}): Compared => ({
  ...{ object, name, sympos, in: side, leftReplacement: null, rightReplacement: null },
})
const changes = (functions: readonly Compared[]) =>
  comparedRows(functions).map(({ name, change }) => `${name} ${change}`)

test('same, added and removed', () => {
  expect(changes([one('a', 'both'), one('b', 'left'), one('c', 'right')])).toEqual(['a same', 'b removed', 'c added'])
})

test('a function that changes its object or its sympos is one row with both places', () => {
  const functions = [
    one('a', 'left', { sympos: 1 }),
    one('a', 'right', { sympos: 2 }),
    one('b', 'right', { object: 'nfs' }),
    one('b', 'left'),
  ]
  expect(changes(functions)).toEqual(['a moved', 'b moved'])
  expect(comparedRows(functions)[0]).toMatchObject({ left: { sympos: 1 }, right: { sympos: 2 } })
})

test('of several of a name on one side nobody knows which went where: none is called moved', () => {
  const functions = [one('a', 'left', { sympos: 1 }), one('a', 'left', { sympos: 2 }), one('a', 'right', { sympos: 3 })]
  expect(changes(functions)).toEqual(['a removed', 'a removed', 'a added'])
})
