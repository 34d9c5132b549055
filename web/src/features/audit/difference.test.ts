// Goal: before and after read as what changed. Method: pairs of fields, and the rows that the drawer shows.
import { expect, test } from 'vitest'
import { differenceOf } from './difference.ts'

test('fields that differ, that came, that went, and those that stayed', () => {
  const { changed, alike } = differenceOf(
    { role: 'viewer', scope: 'label.env:prod', labels: { env: 'prod', rack: '3' }, old: 1 },
    { role: 'admin', scope: 'label.env:prod', labels: { env: 'staging', rack: '3' }, hosts: ['a', 'b'] },
  )
  expect(changed).toEqual([
    { name: 'role', before: 'viewer', after: 'admin' },
    { name: 'labels.env', before: 'prod', after: 'staging' },
    { name: 'old', before: '1', after: null },
    { name: 'hosts', before: null, after: '["a","b"]' },
  ])
  expect(alike.map(({ name }) => name)).toEqual(['scope', 'labels.rack'])
})

test('nothing is no difference, and a deep one ends as JSON', () => {
  expect(differenceOf(null, null)).toEqual({ changed: [], alike: [] })
  const deep = { a: { b: { c: { d: 1 } } } }
  expect(differenceOf(null, deep).changed).toEqual([{ name: 'a.b.c', before: null, after: '{"d":1}' }])
})
