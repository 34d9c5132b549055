// Goal: a clock that went ahead a day and was set back leaves nothing that waits for that day. Method: rows as such a clock leaves them
// in a real database, and the sweep, the deliverer and the lease that meet them.

import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { mendFuture } from './clock-set-back.ts'
import { createTestDatabase, type TestDatabase } from './database/test-database.ts'
import { sweepSilentHosts } from './ingest/sweep-silent-hosts.ts'
import { enrolTestHost } from './ingest/test-host.ts'
import { takeLease } from './rollouts/lease.ts'

const DAY_MS = 24 * 60 * 60_000
let database: TestDatabase
const after = (ms: number) => new Date(Date.now() + ms)

beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(() => database.drop())

const enrol = async (name: string, seen: Date) => {
  const id = await enrolTestHost(database.kysely, { name })
  await database.kysely
    .updateTable('hosts')
    .set({ last_seen_at: seen, contact: 'fresh', connected: true })
    .where('id', '=', id)
    .execute()
  return id
}
const hostOf = (id: string) =>
  database.kysely.selectFrom('hosts').select(['contact', 'last_seen_at']).where('id', '=', id).executeTakeFirstOrThrow()

test('a host that was heard a day ahead and is silent since is told to be silent', async () => {
  const silent = await enrol('silent', after(DAY_MS))
  await sweepSilentHosts(database.kysely, after(60_000))
  expect((await hostOf(silent)).contact).toBe('fresh')
  expect(await mendFuture(database.kysely, new Date())).toBe(1)
  expect((await hostOf(silent)).last_seen_at?.getTime()).toBeLessThanOrEqual(Date.now())
  await sweepSilentHosts(database.kysely, after(5 * 60_000))
  expect((await hostOf(silent)).contact).toBe('offline')
})

test('what one of the two clocks has reached stays: neither of them may be the one that is behind', async () => {
  const heard = after(30_000)
  const [near, ahead] = [await enrol('near', heard), await enrol('ahead', after(DAY_MS))]
  expect(await mendFuture(database.kysely, after(DAY_MS))).toBe(0)
  expect((await hostOf(near)).last_seen_at).toEqual(heard)
  expect(await mendFuture(database.kysely, after(-DAY_MS))).toBe(1)
  expect((await hostOf(near)).last_seen_at).toEqual(heard)
  expect((await hostOf(ahead)).last_seen_at?.getTime()).toBeGreaterThan(Date.now() - 60_000)
})

test('a channel that would rest for a day tries again, and one that rests an hour rests', async () => {
  const { kysely } = database
  const add = async (name: string, nextAt: Date, claimedUntil: Date | null) => {
    const id = randomUUID()
    const audience = { events: '{}', scope: null, enabled: true, off_because: null, public_key: null }
    const made = { secret: 'sealed', created_by_name: 'ann', created_at: new Date() }
    const row = { id, kind: 'webhook', name, address: 'https://receiver.test/', ...audience, ...made } as const
    await kysely.insertInto('channels').values(row).execute()
    await kysely.insertInto('channel_progress').values({ channel_id: id, next_at: nextAt }).execute()
    await kysely
      .updateTable('channel_progress')
      .set({ claimed_until: claimedUntil })
      .where('channel_id', '=', id)
      .execute()
    return id
  }
  const [late, claimed, resting] = [
    await add('late', after(DAY_MS), null),
    await add('claimed', after(-1_000), after(DAY_MS)),
    await add('resting', after(60 * 60_000), null),
  ]
  expect(await mendFuture(kysely, new Date())).toBe(2)
  const rows = await kysely.selectFrom('channel_progress').select(['channel_id', 'next_at', 'claimed_until']).execute()
  const of = (id: string) => rows.find(({ channel_id }) => channel_id === id)
  const isOver = (date: Date | null | undefined) => (date?.getTime() ?? 0) <= Date.now()
  expect([late, claimed, resting].map((id) => isOver(of(id)?.next_at))).toEqual([true, true, false])
  expect(isOver(of(claimed)?.claimed_until)).toBe(true)
})

test('a lease of a clock that was set back passes to whoever asks, with a newer number; one that runs does not', async () => {
  const { kysely } = database
  const [dead, next] = [randomUUID(), randomUUID()]
  expect(await takeLease(kysely, dead)).toBe(1)
  expect(await takeLease(kysely, next)).toBeNull()
  await kysely
    .updateTable('leases')
    .set({ until: after(DAY_MS) })
    .execute()
  expect(await takeLease(kysely, next)).toBe(2)
  expect(await takeLease(kysely, dead)).toBeNull()
})
