// Goal: the picture holds for 1, 40 and 400 functions. Method: invariants of the pure layout, and small maps by hand.
import type { RedirectionMap } from '@rebootless/shared/contract/host-redirections.ts'
import { describe, expect, test } from 'vitest'
import { foundIn, unreachedPatches } from './map-find.ts'
import { layoutMap } from './map-layout.ts'

const patch = (name: string, order: number) => ({
  name,
  order,
  state: 'applied' as const,
  stalled: false,
  forced: false,
  replace: null,
})
const entry = (
  name: string,
  order: number,
  share: number | null,
  kind: 'replacement' | 'noop' | 'unknown' = 'replacement',
) => ({
  patch: name,
  order,
  kind,
  share,
})
type Entries = ReturnType<typeof entry>[]
const one = (name: string, entries: Entries, originalShare: number | null = 0) => ({
  name,
  sympos: 1,
  entries,
  originalShare,
  reached: entries[0]?.patch ?? null,
  ftrace: 'confirmed' as const,
  ftraceLine: null,
})
const mapOf = (functions: ReturnType<typeof one>[], loaded: boolean | null = true): RedirectionMap => ({
  patches: [patch('new', 2), patch('old', 1)],
  objects: [{ name: 'vmlinux', loaded, functions }],
  tasks: null,
  functionCount: functions.length,
})
const many = (count: number) =>
  mapOf(Array.from({ length: count }, (_, index) => one(`f${index}`, [entry('new', 2, 0.7), entry('old', 1, 0.3)])))
const options = { width: 800, folded: new Set<string>() }

describe.each([1, 40, 400])('%i functions', (count) => {
  const layout = layoutMap(many(count), options)
  test('no two rows of a box overlap, and all lie inside it', () => {
    for (const box of [...layout.objects, ...layout.patches]) {
      expect(box.rows).toHaveLength(count)
      box.rows.forEach((row, index) => {
        const above = box.rows[index - 1]
        if (above) expect(row.y - above.y).toBeGreaterThanOrEqual(layout.rowHeight)
        expect(row.y + layout.rowHeight / 2).toBeLessThanOrEqual(box.y + box.height)
      })
    }
  })
  test('no two boxes of a side overlap, and the sides leave room for handler and edges', () => {
    for (const side of [layout.objects, layout.patches])
      side.forEach((box, index) => {
        const next = side[index + 1]
        if (next) expect(box.y + box.height).toBeLessThan(next.y)
        expect(box.y + box.height).toBeLessThanOrEqual(layout.height)
      })
    expect(layout.objects[0]?.width).toBeLessThan(layout.tickX)
    expect(layout.tickX).toBeLessThan(layout.handler.x)
    expect(layout.handler.x + layout.handler.width).toBeLessThan(layout.patches[0]?.x ?? 0)
  })
  test('every edge ends at the row it is for, and is no thicker than a row', () => {
    const rows = new Map(layout.patches.flatMap((box) => box.rows.map((row) => [`${row.key} ${box.key}`, row.y])))
    expect(layout.edges).toHaveLength(2 * count)
    for (const edge of layout.edges) {
      expect(edge.to.y).toBe(rows.get(edge.key))
      expect(edge.width).toBeLessThanOrEqual(layout.rowHeight)
    }
  })
})

test('thickness is the share of tasks, and colour the side', () => {
  const { edges } = layoutMap(mapOf([one('f', [entry('new', 2, 0.75), entry('old', 1, 0.25)])]), options)
  const [fresh, older] = ['new', 'old'].map((name) => edges.find((edge) => edge.key.endsWith(` ${name}`)))
  expect(fresh).toMatchObject({ side: 'new', moving: true })
  expect(older).toMatchObject({ side: 'old', moving: true })
  expect((fresh?.width ?? 0) / (older?.width ?? 1)).toBeCloseTo(3)
})

test('tasks on old code flow back to the original, orange; past a no-op they go there as new', () => {
  const back = (map: RedirectionMap) => layoutMap(map, options).edges.find((edge) => edge.key.endsWith(' original'))
  expect(back(mapOf([one('f', [entry('new', 2, 0.6)], 0.4)]))).toMatchObject({ side: 'old', moving: true })
  expect(back(mapOf([one('f', [entry('new', 2, 1, 'noop'), entry('old', 1, 0)], 1)]))).toMatchObject({ side: 'new' })
  expect(back(mapOf([one('f', [entry('new', 2, 1)])]))).toBeUndefined()
})

test('what cannot be told is not drawn as if it were known', () => {
  const { edges } = layoutMap(mapOf([one('f', [entry('new', 2, null), entry('old', 1, null)], null)]), options)
  expect(edges.map((edge) => edge.side)).toEqual(['unknown', 'unknown', 'unknown'])
})

test('an object whose module is not loaded waits, whatever its shares say', () => {
  const layout = layoutMap(mapOf([one('f', [entry('new', 2, 1)])], false), options)
  expect(layout.edges.map((edge) => edge.side)).toEqual(['waiting'])
  expect(layout.ticks).toMatchObject([{ ftrace: 'waiting' }])
})

test('a patch that no call reaches is found, and folding keeps its edges at its head', () => {
  const map = mapOf([one('f', [entry('new', 2, 1), entry('old', 1, 0)]), one('g', [entry('new', 2, 1)])])
  expect(unreachedPatches(map)).toEqual(['old'])
  const layout = layoutMap(map, { width: 800, folded: new Set(['patch old']) })
  const old = layout.patches.find((box) => box.key === 'old')
  expect(old).toMatchObject({ folded: true, rows: [], entryCount: 1 })
  const edge = layout.edges.find((candidate) => candidate.key.endsWith(' old'))
  expect(edge?.to.y).toBe((old?.y ?? 0) + (old?.height ?? 0) / 2)
})

test('search keeps what holds the text in a function, an object or a patch', () => {
  const map = mapOf([one('nfs4_open', [entry('new', 2, 1)]), one('tcp_send', [entry('old', 1, 1)])])
  const names = (find: string) =>
    foundIn(map, find).objects.flatMap((object) => object.functions.map(({ name }) => name))
  expect(names('NFS4')).toEqual(['nfs4_open'])
  expect(names('old')).toEqual(['tcp_send'])
  expect(names('vmlinux')).toHaveLength(2)
  expect(names('zzz')).toEqual([])
})

test('a map without functions still has a picture', () => {
  expect(layoutMap({ patches: [], objects: [], tasks: null, functionCount: 0 }, options).height).toBeGreaterThan(0)
})
