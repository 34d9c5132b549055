// Goal: what hosts say at once is stored as if each had said it alone, and a host that cannot be stored spoils nothing.
// Method: fast-check makes words of several hosts; one fleet says them at the same time, another one after the other.
import type { ReadingMessage } from '@rebootless/shared/contract/agent-message.ts'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import type { Ingest } from '../link/ports.ts'
import { createIngest } from './ingest.ts'
import { sweepSilentHosts } from './sweep-silent-hosts.ts'
import { enrolTestHost, openTestLink } from './test-host.ts'
import * as make from './test-messages.ts'
import { writeHeartbeats } from './write-heartbeats.ts'

const HOSTS = 4
const NOW = new Date(make.START + 3_600_000)
let now = NOW
let database: TestDatabase
let ingest: Ingest
beforeAll(async () => {
  database = await createTestDatabase()
  ingest = createIngest({
    database: database.kysely,
    clock: { now: () => now },
    heartbeatsEveryMs: 0,
    changesEveryMs: 0,
  })
})
beforeEach(() => {
  now = NOW
})
afterAll(() => database.drop())

const enrolFleet = (count = HOSTS) =>
  Promise.all(
    Array.from({ length: count }, (_, index) =>
      enrolTestHost(database.kysely, { name: `h${index}`, now: new Date(make.START) }),
    ),
  )

const word = fc.record({
  host: fc.nat(HOSTS - 1),
  kind: fc.constantFrom('hello', 'snapshot', 'heartbeat', 'transition', 'kernel_readings'),
  epoch: fc.integer({ min: 1, max: 2 }),
  sequence: fc.integer({ min: 1, max: 9 }),
  hash: fc.integer({ min: 0, max: 2 }),
  receivedAt: fc.integer({ min: 0, max: 50 }),
})
type Word = typeof word extends fc.Arbitrary<infer W> ? W : never

const messageOf = ({ kind, epoch, sequence, hash }: Word): ReadingMessage => {
  const when = { epoch, sequence, sentAt: make.at(epoch * 100 + sequence) }
  switch (kind) {
    case 'hello':
      return make.hello(when, { hostName: `named-${sequence}` })
    case 'snapshot':
      return { ...make.snapshotMessage(when), hash: make.hashOf(hash) }
    case 'heartbeat':
      return make.heartbeat(when, make.hashOf(hash))
    case 'kernel_readings':
      return make.kernelReadingsMessage(when)
    case 'transition':
      return make.transitionMessage(when, sequence % 3 === 0 ? null : make.sample({ tasksRemaining: sequence }))
  }
}

/** All that is stored, by the host's place in the fleet; link and revision count how often, not what. */
const stored = async (hostIds: readonly string[]) => {
  const { kysely } = database
  const place = new Map(hostIds.map((id, index) => [id, index]))
  const rows = async (table: 'host_readings' | 'transition_samples' | 'agent_runs' | 'host_causes') =>
    (await kysely.selectFrom(table).selectAll().where('host_id', 'in', hostIds).execute())
      .map(({ host_id, ...row }) => JSON.stringify({ host: place.get(host_id), ...row }))
      .sort()
  const hosts = await kysely
    .selectFrom('hosts')
    .selectAll()
    .where('id', 'in', hostIds)
    .orderBy('enrolled_name')
    .execute()
  return {
    hosts: hosts.map(({ id, revision: _, ...row }) => ({ ...row, host: place.get(id) })),
    readings: await rows('host_readings'),
    samples: await rows('transition_samples'),
    runs: await rows('agent_runs'),
    causes: await rows('host_causes'),
  }
}

test('T19 words of many hosts at once are stored as those of each alone, in their order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 24 }), async (words) => {
      const say = (hostIds: readonly string[], one: Word) =>
        ingest.accept(hostIds[one.host] ?? '', messageOf(one), new Date(make.START + one.receivedAt * 1000))
      const together = await enrolFleet()
      // As links do: each host's words one after the other, all hosts at the same time.
      const answers = await Promise.all(
        together.map(async (_, host) => {
          const own: unknown[] = []
          for (const one of words.filter((w) => w.host === host)) own.push(await say(together, one))
          return own
        }),
      )
      const alone = await enrolFleet()
      const expected: unknown[][] = alone.map(() => [])
      for (const one of words) expected[one.host]?.push(await say(alone, one))
      expect(answers).toEqual(expected)
      expect(await stored(together)).toEqual(await stored(alone))
    }),
    { numRuns: 40, interruptAfterTimeLimit: 10_000 },
  )
})

test('T19 a group of heartbeats does what each would do alone, late and repeated ones too, in any order', async () => {
  const group = fc.uniqueArray(word, { selector: ({ host }) => host, minLength: 1 })
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 6 }), group, fc.nat(HOSTS), async (earlier, words, turn) => {
      const heard = (hostIds: readonly string[], one: Word) => ({
        hostId: hostIds[one.host] ?? '',
        message: make.heartbeat(one, make.hashOf(one.hash)),
        receivedAt: new Date(make.START + one.receivedAt * 1000),
      })
      const fleets = [await enrolFleet(), await enrolFleet()] as const
      for (const fleet of fleets) {
        await ingest.accept(fleet[0] ?? '', make.snapshotMessage({ epoch: 1, sequence: 5 }), NOW)
        for (const one of earlier) await writeHeartbeats(database.kysely, [heard(fleet, one)])
      }
      const turned = [...words.slice(turn), ...words.slice(0, turn)]
      const together = await writeHeartbeats(
        database.kysely,
        turned.map((one) => heard(fleets[0], one)),
      )
      const alone = new Map<Word, unknown>()
      for (const one of words) alone.set(one, (await writeHeartbeats(database.kysely, [heard(fleets[1], one)]))[0])
      expect(together).toEqual(turned.map((one) => alone.get(one)))
      expect(await stored(fleets[0])).toEqual(await stored(fleets[1]))
    }),
    { numRuns: 30, interruptAfterTimeLimit: 10_000 },
  )
})

test('a host that is not there, and one that cannot be stored, fail alone', async () => {
  const fleet = await enrolFleet(3)
  const unknown = '5f0c1d6e-0000-4000-8000-000000000000'
  const beat = (id: string) => ingest.accept(id, make.heartbeat({ epoch: 1, sequence: 1 }, make.hashOf(1)), NOW)
  const beats = await Promise.allSettled([
    beat(fleet[0] ?? ''),
    beat(unknown),
    beat(fleet[1] ?? ''),
    beat(fleet[2] ?? ''),
  ])
  expect(beats.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
  expect(beats[1]).toMatchObject({ reason: { code: 'host_not_found' } })
  // Half a task: the contract lets none through, and a bug might.
  const impossible = make.sample({ tasksTotal: 1.5 })
  const said = await Promise.allSettled([
    ingest.accept(fleet[0] ?? '', make.hello({ epoch: 1, sequence: 2 }), NOW),
    ingest.accept(fleet[1] ?? '', make.transitionMessage({ epoch: 1, sequence: 2 }, impossible), NOW),
    ingest.accept(fleet[2] ?? '', make.hello({ epoch: 1, sequence: 2 }), NOW),
  ])
  expect(said.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})

test('a fleet that was silent comes back by its heartbeats and one sweep in few transactions, each host with its event', async () => {
  const fleet = await enrolFleet(120)
  const { kysely } = database
  const snapshot = make.snapshotMessage({ epoch: 1, sequence: 1 })
  await Promise.all(fleet.map((id) => openTestLink(ingest, id, `link-${id}`, now)))
  await Promise.all(fleet.map((id) => ingest.accept(id, snapshot, now)))
  now = new Date(NOW.getTime() + 50_000)
  expect(await sweepSilentHosts(kysely, now)).toBeGreaterThanOrEqual(120)
  const states = async () =>
    (await kysely.selectFrom('hosts').select('state').distinct().where('id', 'in', fleet).execute()).map(
      (row) => row.state,
    )
  expect(await states()).toEqual(['stale'])
  const eventsBefore = await newestEvent()
  await Promise.all(fleet.map((id) => ingest.accept(id, make.heartbeat({ epoch: 1, sequence: 2 }, snapshot.hash), now)))
  await sweepSilentHosts(kysely, now)
  expect(await states()).toEqual(['patched'])
  const told = await kysely.selectFrom('events').select('host_id').where('id', '>', eventsBefore).execute()
  expect(new Set(told.map((row) => row.host_id)).size).toBe(120)
  // Which transaction wrote a row stands in the row itself (PostgreSQL, 5.6, System Columns).
  const { rows } = await sql<{ transactions: number }>`
    select count(distinct xmin::text)::int as transactions from (
      select xmin from host_readings where kind = 'heartbeat' and host_id = any(${fleet}::uuid[])
      union all select xmin from hosts where id = any(${fleet}::uuid[])
    ) as written`.execute(kysely)
  expect(rows[0]?.transactions).toBeLessThanOrEqual(3)
})

const newestEvent = async () => {
  const row = await database.kysely
    .selectFrom('events')
    .select((eb) => eb.fn.max('id').as('id'))
    .executeTakeFirstOrThrow()
  return row.id
}
