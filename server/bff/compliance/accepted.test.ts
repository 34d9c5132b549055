// Goal: what the database finds accepted is what the pure function finds, host by host. Method: exceptions with every kind of word, and
// hosts that differ in what these words are about.
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { acceptedAt } from './accepted.ts'

const AT = new Date('2026-03-01T00:00:00Z')
const later = (days: number) => new Date(AT.getTime() + days * 24 * 60 * 60_000)

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const except = (subject: { cve_id: string } | { severity: 'low' }, hosts: string, until: Date) =>
  database.kysely
    .insertInto('compliance_exceptions')
    .values({
      ...{ id: randomUUID(), cve_id: null, severity: null, ...subject, hosts, owner: 'team', reason: 'test', until },
      ...{ requested_by_id: randomUUID(), requested_by_name: 'anna', requested_at: later(-9) },
    })
    .returning('id')
    .executeTakeFirstOrThrow()
    .then(({ id }) =>
      database.kysely
        .updateTable('compliance_exceptions')
        .set({ approved_by_id: randomUUID(), approved_by_name: 'boris', approved_at: later(-8) })
        .where('id', '=', id)
        .execute(),
    )

test('the same hosts, by the function and in the database', async () => {
  await except({ cve_id: 'CVE-2026-1001' }, 'label.env:lab', later(5))
  await except({ cve_id: 'CVE-2026-1001' }, 'name:web-* -label.env:prod', later(9))
  await except({ cve_id: 'CVE-2026-1001' }, 'kernel:5.10* arch:x86_64,aarch64 origin:agent', later(7))
  await except({ severity: 'low' }, '', later(1))
  await except({ cve_id: 'CVE-2026-1003' }, 'label.env:*', later(-1))
  const accepted = await acceptedAt(database.kysely, AT)
  let found = 0
  for (const name of ['web-1', 'Web-2', 'db-1']) {
    for (const labels of [{ env: 'lab' }, { env: 'LAB' }, { env: 'prod' }, {}] as Record<string, string>[]) {
      for (const release of ['5.10.0-9', '6.1.0']) {
        const host = { name, labels, release, architecture: 'x86_64', origin: 'agent' as const }
        for (const [id, severity] of [
          ['CVE-2026-1001', 'high'],
          ['CVE-2026-1002', 'low'],
          ['CVE-2026-1003', 'high'],
        ] as const) {
          const { rows } = await sql<{
            accepted: boolean
          }>`select ${accepted.condition({ id, severity })} as accepted from (
            select ${name}::text as name, ${JSON.stringify(labels)}::jsonb as labels, ${release}::text as kernel_release,
              'x86_64' as architecture, 'agent' as origin) as hosts`.execute(database.kysely)
          const until = accepted.until({ id, severity }, host)
          expect([host, id, rows[0]?.accepted]).toEqual([host, id, until !== null])
          if (until !== null) found += 1
        }
      }
    }
  }
  expect(found).toBeGreaterThan(24)
  const web = {
    name: 'web-1',
    labels: { env: 'lab' },
    release: '6.1.0',
    architecture: 'x86_64',
    origin: 'agent' as const,
  }
  // Of two that hold it, the one that lasts longer.
  expect(accepted.until({ id: 'CVE-2026-1001', severity: 'high' }, web)).toEqual(later(9))
})
