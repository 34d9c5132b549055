// Goal: the list of CVEs counts what somebody accepted as the pages of the CVE and of its hosts do, now and then, whatever the exceptions.
// Method: exceptions of all kinds over the same hosts by a seed; each count of the list is held against the hosts that the page names.
import { randomUUID } from 'node:crypto'
import { EXPOSURES, type VerdictStatus } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { seeded } from '@rebootless/shared/domain/exposure/test-seeded.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeExposure } from '../compliance/test-exposure.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { hostScopeOf, WHOLE_FLEET } from '../hosts/host-scope.ts'
import { enrolTestHost } from '../ingest/test-host.ts'
import { listCveHosts } from './cve-hosts.ts'
import { createKnownCves } from './known-cves.ts'
import { listCves } from './list-cves.ts'
import { readCve } from './read-cve.ts'
import { createVerdictMatrices } from './verdict-matrix.ts'

const SEED = Number(process.env.SEED ?? 20_261_128)
const DAY = 24 * 60 * 60_000
const START = new Date('2026-03-01T00:00:00Z')
const NOW = new Date(START.getTime() + 20 * DAY)
const after = (days: number) => new Date(START.getTime() + days * DAY)
const CVES = ['CVE-2026-1001', 'CVE-2026-1002', 'CVE-2026-1003', 'CVE-2026-1004', 'CVE-2026-1005']
const SEVERITIES = ['high', 'low', 'low', 'medium', 'high'] as const
const STATUSES: readonly VerdictStatus[] = ['exposed', 'exposed', 'fixed_on_disk', 'fixed_by_livepatch', 'unknown']
const HOSTS_OF = ['', '', 'label.env:lab', 'label.env:prod name:*1', '-label.env:*', 'name:web-*', 'kernel:6.1.0-a*']

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const except = async (subject: { cve_id: string } | { severity: 'low' | 'high' }, hosts: string, until: Date) => {
  const { id } = await database.kysely
    .insertInto('compliance_exceptions')
    .values({
      ...{ id: randomUUID(), cve_id: null, severity: null, ...subject, hosts, owner: 'team', reason: 'test', until },
      ...{ requested_by_id: randomUUID(), requested_by_name: 'anna', requested_at: after(1) },
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const approved = { approved_by_id: randomUUID(), approved_by_name: 'boris', approved_at: after(2) }
  await database.kysely.updateTable('compliance_exceptions').set(approved).where('id', '=', id).execute()
}

test(`counts of the list are the hosts of the pages (seed ${SEED})`, async () => {
  const random = seeded(SEED)
  const drawn = <T>(list: readonly T[]): T => list[random.below(list.length)] as T
  const { kysely } = database
  const write = writeExposure(kysely)
  for (const [index, id] of CVES.entries()) await write.cve(id, START, { severity: SEVERITIES[index] ?? 'high' })
  const classes: string[] = []
  for (const name of ['a', 'ab', 'b']) {
    const id = await write.class(name, START)
    classes.push(id)
    for (const cve of CVES) {
      await write.verdict(id, cve, START, drawn(STATUSES))
    }
  }
  for (let n = 0; n < 24; n += 1) {
    const labels = drawn<Record<string, string>>([{ env: 'lab' }, { env: 'prod' }, {}])
    const name = `${drawn(['web', 'db'])}-${n}`
    const id = await enrolTestHost(kysely, { name, labels, now: START })
    const classId = drawn(classes)
    await write.host(id, classId, START, { name, labels })
    const kernel = ['a', 'ab', 'b'][classes.indexOf(classId)] ?? ''
    await kysely
      .updateTable('hosts')
      .set({ kernel_release: `6.1.0-${kernel}`, architecture: 'x86_64', origin: 'simulated' })
      .where('id', '=', id)
      .execute()
  }
  const clock = { now: () => NOW }
  const reader = {
    database: kysely,
    primary: kysely,
    matrices: createVerdictMatrices(kysely, clock),
    cves: createKnownCves(kysely),
  }
  let acceptedInAll = 0
  for (let round = 0; round < 3; round += 1) {
    for (let n = 0; n < 2 * round; n += 1) {
      const subject = drawn([{ cve_id: drawn(CVES) }, { cve_id: drawn(CVES) }, { severity: 'low' as const }])
      await except(subject, drawn(HOSTS_OF), after(drawn([8, 30])))
    }
    for (const at of [null, after(1), after(10)]) {
      for (const scope of [WHOLE_FLEET, hostScopeOf({ scope: 'label.env:lab' })]) {
        const moment = { at, asOf: (at ?? NOW).toISOString(), lock: 0 }
        const query = { filter: '', search: '', sort: 'id', limit: 500 } as const
        const { items } = await listCves(reader, scope, query, moment)
        expect(items.map(({ id }) => id)).toEqual(CVES)
        for (const { id, hosts, exposedSince } of items) {
          const asked = { scope, filter: '', at }
          const { items: named } = await listCveHosts(reader, id, asked, { filter: '', limit: 500 }, at ?? NOW)
          const counted = EXPOSURES.map((word) => named.filter(({ exposure }) => exposure === word).length)
          expect([id, EXPOSURES.map((word) => hosts[word])]).toEqual([id, counted])
          acceptedInAll += hosts.accepted
          expect(exposedSince === null).toBe(hosts.exposed === 0)
          if (scope !== WHOLE_FLEET) continue
          const page = await readCve(reader, id, asked, moment)
          expect([page.hosts, page.exposedSince]).toEqual([hosts, exposedSince])
        }
        const accepted = await listCves(reader, scope, { ...query, status: 'accepted' }, moment)
        expect(accepted.items.map(({ id }) => id)).toEqual(
          items.filter(({ hosts }) => hosts.accepted > 0).map(({ id }) => id),
        )
      }
    }
  }
  expect(acceptedInAll).toBeGreaterThan(20)
})
