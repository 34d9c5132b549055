// Goal: two modules side by side, function by function, and what comes of loading one after the other. Method: modules
// written by hand; then properties over random lists of functions.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ModuleFacts } from '../contract/module-facts.ts'
import { comparePatches } from './patch-compare.ts'
import { testFacts, testObject } from './test-module-facts.ts'

const side = (parts: Partial<ModuleFacts>, cves: readonly string[] = []) => ({
  ...{ id: 'ab'.repeat(32), releaseCounter: 1, facts: testFacts(parts), cves },
})
const old = { name: 'lp_old', srcversion: 'AAA' }

test('functions, callbacks, states and CVEs of either and of both', () => {
  const callbacks = { ...testObject('nfs', ['h']), callbacks: ['pre_patch' as const] }
  const left = side({ ...old, objects: [testObject(null, ['f', 'g'])], states: [{ id: '1', version: 1 }] }, [
    'CVE-2026-1000',
  ])
  const right = side(
    {
      objects: [testObject(null, ['g', 'k']), callbacks],
      states: [
        { id: '1', version: 2 },
        { id: '10', version: 1 },
      ],
    },
    ['CVE-2026-1000', 'CVE-2026-2000'],
  )
  const compared = comparePatches(left, right)
  expect(compared.functions.map(({ object, name, in: where }) => [object, name, where])).toEqual([
    ['nfs', 'h', 'right'],
    ['vmlinux', 'f', 'left'],
    ['vmlinux', 'g', 'both'],
    ['vmlinux', 'k', 'right'],
  ])
  expect(compared).toMatchObject({
    counts: { both: 1, left: 1, right: 2 },
    callbacks: [{ object: 'nfs', callback: 'pre_patch', in: 'right' }],
    states: [
      { id: '1', left: 1, right: 2 },
      { id: '10', left: null, right: 1 },
    ],
    cves: [
      { cve: 'CVE-2026-1000', in: 'both' },
      { cve: 'CVE-2026-2000', in: 'right' },
    ],
    unread: null,
  })
  expect(compared.fields.find(({ field }) => field === 'srcversion')).toMatchObject({ same: false, left: 'AAA' })
})

test('position 0 and 1 are the same function where a name is once there, and 2 is another', () => {
  const at = (sympos: number) => side({ objects: [testObject(null, ['f'], sympos)] })
  expect(comparePatches(at(0), at(1)).counts).toEqual({ both: 1, left: 0, right: 0 })
  expect(comparePatches(at(1), at(2)).counts).toEqual({ both: 0, left: 1, right: 1 })
})

describe('what comes of loading the right one after the left one', () => {
  test.each<[string, Partial<ModuleFacts>, Partial<ModuleFacts>, RegExp]>([
    ['of another kernel', { ...old, release: '6.1.0' }, {}, /no host can have both/],
    ['of another machine', { ...old, architecture: 'aarch64' }, {}, /no host can have both/],
    ['of the same name', { srcversion: 'AAA' }, {}, /must be taken out first/],
    ['not known', old, { replace: null }, /not known/],
    ['on top', old, { replace: false }, /goes on top.*both change, lp_new counts/],
    ['in its place', { ...old, objects: [testObject(null, ['f'])] }, {}, /takes its place.*go back to the original/],
  ])('%s', (_, left, right, expected) => {
    expect(comparePatches(side(left), side(right)).summary).toMatch(expected)
  })
})

test('functions that could not be read are not taken for none', () => {
  const compared = comparePatches(side({ ...old, objects: null, unread: 'odd tables' }), side({}))
  expect(compared).toMatchObject({ functions: [], counts: { both: 0, left: 0, right: 0 } })
  expect(compared.unread).toMatch(/lp_old \(odd tables\)/)
})

const someObjects = fc
  .uniqueArray(fc.constantFrom(null, 'nfs', 'ext4'), { maxLength: 3 })
  .chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc
          .uniqueArray(fc.constantFrom('f', 'g', 'h', 'toString', '__proto__'), { maxLength: 5 })
          .map((functions) => testObject(name, functions)),
      ),
    ),
  )

test('each function of either stands once; the other way round it is the mirror image', () => {
  fc.assert(
    fc.property(someObjects, someObjects, (left, right) => {
      const compared = comparePatches(side({ ...old, objects: left }), side({ objects: right }))
      const { both, left: onlyLeft, right: onlyRight } = compared.counts
      const count = (objects: typeof left) => objects.flatMap(({ functions }) => functions).length
      expect([both + onlyLeft, both + onlyRight]).toEqual([count(left), count(right)])
      const mirrored = comparePatches(side({ objects: right }), side({ ...old, objects: left }))
      expect(mirrored.counts).toEqual({ both, left: onlyRight, right: onlyLeft })
    }),
  )
})
