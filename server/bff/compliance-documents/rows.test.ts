// Goal: each host of a large class stands in files once, and no more of it than a part is in memory. Method: rows of a past moment over
// PostgreSQL, counted; a reader that stops early; hosts that change classes while they are read.
import { randomUUID } from 'node:crypto'
import type { ComplianceRow } from '@rebootless/shared/contract/compliance-documents.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeExposure } from '../compliance/test-exposure.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { WHOLE_FLEET } from '../hosts/host-scope.ts'
import { type ClassPart, classParts, rowsByHost } from './rows.ts'

const FROM = new Date('2026-10-01T00:00:00.000Z')
const AT = new Date('2026-10-05T00:00:00.000Z')
const LATER = new Date('2026-10-09T00:00:00.000Z')
const HOSTS = 401
const CVES = ['CVE-2026-0001', 'CVE-2026-0002']

let database: TestDatabase
let ids: string[]
beforeAll(async () => {
  database = await createTestDatabase()
  const write = writeExposure(database.kysely)
  for (const name of ['one', 'two']) {
    const id = await write.class(name, FROM)
    for (const cve of CVES) await write.verdict(id, cve, FROM, 'exposed')
  }
  const one = await write.class('one', FROM)
  ids = Array.from({ length: HOSTS }, () => randomUUID())
  for (const id of ids) await write.host(id, one, FROM)
})
afterAll(() => database.drop())

const parts = () => classParts(database.kysely, { scope: WHOLE_FLEET, filter: '', at: AT }, ['exposed'])

test('every host once, in parts of two hundred, a piece of a file for each', async () => {
  const sizes: number[] = []
  for await (const { hosts } of parts()) sizes.push(hosts.length)
  expect(sizes).toEqual([200, 200, 1])
  const pieces: ComplianceRow[][] = []
  for await (const rows of rowsByHost(parts(), new Set(['exposed']))) pieces.push(rows)
  expect(pieces.map((rows) => rows.map(({ cve }) => cve))).toEqual(ids.map(() => CVES))
  expect(new Set(pieces.map(([row]) => row?.host.id))).toEqual(new Set(ids))
})

test('the next part is read when the one before it has been taken', async () => {
  let read = 0
  const counted = async function* (): AsyncGenerator<ClassPart> {
    for await (const part of parts()) {
      read += 1
      yield part
    }
  }
  const rows = rowsByHost(counted(), new Set(['exposed']))
  for (let taken = 0; taken < 200; taken += 1) await rows.next()
  expect(read).toBe(1)
  await rows.next()
  expect(read).toBe(2)
  await rows.return(undefined)
  expect(read).toBe(2)
})

test('a host that goes into another class while a file is read stands in it once, as it was', async () => {
  const write = writeExposure(database.kysely)
  const two = await write.class('two', FROM)
  const found: string[] = []
  for await (const { hosts } of parts()) {
    found.push(...hosts.map(({ id }) => id))
    if (found.length === 200) for (const id of ids) await write.host(id, two, LATER)
  }
  expect([found.length, new Set(found)]).toEqual([HOSTS, new Set(ids)])
})
