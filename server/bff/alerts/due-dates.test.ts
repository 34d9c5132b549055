// Goal: alerts know of dates what compliance knows. Method: rows as the judge writes them, compliance itself over them.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCompliance } from '../compliance/service.ts'
import { writeExposure } from '../compliance/test-exposure.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { createDueDates } from './due-dates.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

test('of each host the CVE that is due first, with its severity and its date', async () => {
  const now = new Date('2026-11-26T12:00:00.000Z')
  const before = new Date('2026-07-01T00:00:00.000Z')
  const rows = writeExposure(database.kysely)
  const hostId = randomUUID()
  const of = await rows.class('old', before)
  for (const [cve, severity] of [
    ['CVE-2024-1086', 'high'],
    ['CVE-2023-6270', 'low'],
  ] as const) {
    await rows.cve(cve, before, { severity, publishedOn: '2026-07-01' })
    await rows.verdict(of, cve, before, 'exposed', { fixAvailableOn: '2026-07-01' })
  }
  await rows.host(hostId, of, before)
  const log = { warn: (...words: unknown[]) => void expect(words).toEqual([]) }
  const compliance = createCompliance({ database: database.kysely, clock: { now: () => now }, log })
  const readDueDates = createDueDates({ database: database.kysely, compliance, log })
  await expect.poll(async () => (await readDueDates(now)).exposures.length, { timeout: 10_000 }).toBe(1)
  const [exposure] = (await readDueDates(now)).exposures
  expect(exposure).toMatchObject({ hostId, cve: 'CVE-2024-1086', severity: 'high' })
  expect(exposure?.dueAt).toBeLessThan(now.getTime())
  expect(exposure?.dueAt).toBeGreaterThan(before.getTime())
  await compliance.close()
})
