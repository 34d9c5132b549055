// Goal: a server that Rebootless can't work with is refused with what to do. Method: the pure rule, on both sides.
import { expect, test } from 'vitest'
import { refuseServer } from './server-facts.ts'

test('PostgreSQL 15 and newer are taken', () => {
  expect(() => refuseServer({ version: 150_000, fsync: true, writable: true })).not.toThrow()
  expect(() => refuseServer({ version: 180_004, fsync: false, writable: true })).not.toThrow()
})

test('an older one is refused by its number', () => {
  expect(() => refuseServer({ version: 140_019, fsync: true, writable: true })).toThrow(/PostgreSQL 14; .* 15 or newer/)
})

test('T37 a read-only one is refused', () => {
  expect(() => refuseServer({ version: 180_004, fsync: true, writable: false })).toThrow(/read-only .* the primary/)
})
