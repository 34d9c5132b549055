// Goal: a disk without room is told in words that help, before PostgreSQL runs into it. Method: the pure functions at their bounds.
import { expect, test } from 'vitest'
import { DatabaseUnusableError } from '../database-error.ts'
import { diskFault, refuseFullDisk } from './disk-space.ts'

const MEBIBYTE = 1024 * 1024

test('a running server without room for the next piece of its log is at fault, and says what helps', () => {
  expect(diskFault('/var/lib/x', 32 * MEBIBYTE)).toBeUndefined()
  expect(diskFault('/var/lib/x', 32 * MEBIBYTE - 1)).toMatch(/^The disk of \/var\/lib\/x is full: .* Free some space/)
})

test('a start needs more', () => {
  expect(() => refuseFullDisk('/var/lib/x', 512 * MEBIBYTE)).not.toThrow()
  expect(() => refuseFullDisk('/var/lib/x', 512 * MEBIBYTE - 1)).toThrow(DatabaseUnusableError)
})
