// Goal: what an agent says becomes the right row, cause and event. Method: single messages into a real database.
import type { Kysely } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { DatabaseSchema } from '../database/schema.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import type { Ingest } from '../link/ports.ts'
import { createIngest } from './ingest.ts'
import { pruneHistory } from './prune-history.ts'
import { sweepSilentHosts } from './sweep-silent-hosts.ts'
import { enrolTestHost, openTestLink } from './test-host.ts'
import * as make from './test-messages.ts'

const seconds = (count: number) => new Date(make.START + count * 1000)
let database: TestDatabase
let kysely: Kysely<DatabaseSchema>
let ingest: Ingest
let now = seconds(0)
let id: string
beforeAll(async () => {
  database = await createTestDatabase()
  kysely = database.kysely
  ingest = createIngest({ database: kysely, clock: { now: () => now } })
})
afterAll(() => database.drop())
beforeEach(async () => {
  now = seconds(10)
  id = await enrolTestHost(kysely, { now })
})

const host = () => kysely.selectFrom('hosts').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const causes = () => kysely.selectFrom('host_causes').selectAll().where('host_id', '=', id).execute()
const events = async () =>
  (await kysely.selectFrom('events').selectAll().where('host_id', '=', id).orderBy('id').execute()).map(
    ({ type }) => type,
  )

describe('readings', () => {
  test('a host is offline until it speaks, then what it says', async () => {
    expect(await host()).toMatchObject({ state: 'offline', name: 'enrolled-name', connected: false })
    await openTestLink(ingest, id, 'link-1', now)
    await ingest.accept(id, make.hello({ epoch: 1, sequence: 1 }), now)
    expect(await host()).toMatchObject({ state: 'stale', name: 'web-01', agent_version: '0.1.0', connected: true })
    await ingest.accept(id, make.snapshotMessage({ epoch: 1, sequence: 2 }), now)
    expect(await host()).toMatchObject({
      state: 'patched',
      kernel_release: '6.12.1-amd64',
      providers: ['livepatch'],
      patch_names: ['lp_fix'],
      patches: [{ name: 'lp_fix', state: 'applied', forced: false, stalled: false }],
    })
  })

  test('a stalled transition names its culprit, and is over when the host says so', async () => {
    await ingest.accept(id, make.snapshotMessage({ epoch: 1, sequence: 1 }, make.patchingSnapshot(make.sample())), now)
    expect((await host()).state).toBe('patching')
    await ingest.accept(id, make.transitionMessage({ epoch: 1, sequence: 2 }, make.stalledSample()), now)
    expect(await host()).toMatchObject({ state: 'stalled', state_since: seconds(5), tasks_remaining: 1 })
    expect(await causes()).toMatchObject([
      {
        key: 'stalled|sleeper|do_fix',
        title: 'sleeper in do_fix holds a transition back',
        filter: 'state:stalled blocking:sleeper function:do_fix',
      },
    ])
    await ingest.accept(id, make.transitionMessage({ epoch: 1, sequence: 3 }, null), now)
    await ingest.accept(id, make.snapshotMessage({ epoch: 1, sequence: 4 }), now)
    expect(await host()).toMatchObject({ state: 'patched', transition: null })
    expect(await causes()).toEqual([])
  })

  test('one change is one event; a reading that shows nothing new is a sample', async () => {
    await ingest.accept(id, make.snapshotMessage({ epoch: 1, sequence: 1 }, make.patchingSnapshot(make.sample())), now)
    const before = (await events()).length
    await ingest.accept(id, make.transitionMessage({ epoch: 1, sequence: 2 }, make.sample({ tasksRemaining: 7 })), now)
    await ingest.accept(
      id,
      make.transitionMessage({ epoch: 1, sequence: 3 }, make.sample({ tasksRemaining: 7, sampledAt: make.at(3) })),
      now,
    )
    expect((await events()).slice(before)).toEqual(['host.changed', 'host.sampled'])
  })

  test('a heartbeat with another hash than the stored snapshot’s asks for a snapshot', async () => {
    const beat = (sequence: number, hash: string) =>
      ingest.accept(id, make.heartbeat({ epoch: 1, sequence }, hash), now)
    expect(await beat(1, make.hashOf('f'))).toEqual({ snapshotWanted: true })
    const snapshot = make.snapshotMessage({ epoch: 1, sequence: 2 })
    await ingest.accept(id, snapshot, now)
    expect(await beat(3, snapshot.hash)).toEqual({ snapshotWanted: false })
    expect(await beat(4, make.hashOf('f'))).toEqual({ snapshotWanted: true })
    // It was true when it was said, before the snapshot.
    expect(await beat(1, make.hashOf('f'))).toEqual({ snapshotWanted: false })
  })

  test('times are set right by the measured skew, past ones too', async () => {
    await ingest.accept(id, make.snapshotMessage({ epoch: 1, sequence: 1 }), now)
    await ingest.clockMeasured(id, 3_600_000)
    expect(await host()).toMatchObject({ read_at: seconds(10 - 3600), clock_skew_ms: 3_600_000 })
    const before = (await events()).length
    await ingest.clockMeasured(id, 3_600_100)
    expect((await events()).length).toBe(before)
  })

  test('T20 hostile text is stored as it came, but for what PostgreSQL cannot hold', async () => {
    const name = 'a\0b\u202e\ud800"<script>'
    await ingest.accept(id, make.hello({ epoch: 1, sequence: 1 }, { hostName: name }), now)
    const reading = make.stalledSample({ blocking: [make.blockingTask({ comm: '\0\\%*"', wchan: '\0' })] })
    await ingest.accept(
      id,
      make.snapshotMessage({ epoch: 1, sequence: 2 }, make.patchingSnapshot(reading, { hostName: name })),
      now,
    )
    expect((await host()).name).toBe('a\ufffdb\u202e\ufffd"<script>')
    expect((await causes()).length).toBe(1)
  })

  test('a message of a host that is not there is refused', async () => {
    const unknown = '5f0c1d6e-0000-4000-8000-000000000000'
    for (const message of [
      make.hello({ epoch: 1, sequence: 1 }),
      make.heartbeat({ epoch: 1, sequence: 1 }, make.hashOf(1)),
    ]) {
      await expect(ingest.accept(unknown, message, now)).rejects.toMatchObject({ code: 'host_not_found' })
    }
  })
})

describe('links', () => {
  test('only the newest link of a host can close it', async () => {
    await openTestLink(ingest, id, 'old', now)
    await openTestLink(ingest, id, 'new', now)
    await ingest.linkClosed(id, 'old', now)
    expect((await host()).connected).toBe(true)
    await ingest.linkClosed(id, 'new', now)
    expect((await host()).connected).toBe(false)
  })
})

describe('silence', () => {
  test('time alone makes a host stale, then offline, each once; a heartbeat brings it back', async () => {
    await openTestLink(ingest, id, 'link-1', now)
    const snapshot = make.snapshotMessage({ epoch: 1, sequence: 1 })
    await ingest.accept(id, snapshot, now)
    expect(await sweepSilentHosts(kysely, seconds(40))).toBe(0)
    await sweepSilentHosts(kysely, seconds(50))
    expect((await host()).state).toBe('stale')
    await ingest.linkClosed(id, 'link-1', seconds(51))
    await sweepSilentHosts(kysely, seconds(80))
    expect(await host()).toMatchObject({ state: 'offline', state_since: seconds(10) })
    expect(await sweepSilentHosts(kysely, seconds(500))).toBe(0)
    now = seconds(501)
    await openTestLink(ingest, id, 'link-2', now)
    await ingest.accept(id, make.heartbeat({ epoch: 1, sequence: 2 }, snapshot.hash), now)
    expect((await host()).state).toBe('patched')
  })

  test('a host that is heard over its link again is connected to whatever looks at it first', async () => {
    await openTestLink(ingest, id, 'link-1', now)
    const snapshot = make.snapshotMessage({ epoch: 1, sequence: 1 })
    await ingest.accept(id, snapshot, now)
    await sweepSilentHosts(kysely, seconds(80))
    now = seconds(82)
    await ingest.accept(id, make.heartbeat({ epoch: 1, sequence: 2 }, snapshot.hash), now)
    await ingest.clockMeasured(id, 3_600_000)
    expect(await host()).toMatchObject({ contact: 'fresh', connected: true })
    expect(await sweepSilentHosts(kysely, now)).toBe(0)
  })
})

describe('a backend that died', () => {
  test('leaves its links open in the database; silence ends them, and speech takes them up again', async () => {
    await openTestLink(ingest, id, 'link-1', now)
    const snapshot = make.snapshotMessage({ epoch: 1, sequence: 1 })
    await ingest.accept(id, snapshot, now)
    await sweepSilentHosts(kysely, seconds(80))
    expect(await host()).toMatchObject({ state: 'offline', connected: false })
    expect(await sweepSilentHosts(kysely, seconds(81))).toBe(0)
    now = seconds(82)
    await ingest.accept(id, make.heartbeat({ epoch: 1, sequence: 2 }, snapshot.hash), now)
    await sweepSilentHosts(kysely, now)
    expect(await host()).toMatchObject({ state: 'patched', connected: true })
  })
})

describe('history', () => {
  test('is bounded: the two newest transitions, dense at the end and a sample a minute before', async () => {
    const rows = (startedAt: number, from: number, count: number) =>
      Array.from({ length: count }, (_, index) => ({
        ...{ host_id: id, epoch: 1, sequence: from + index, patch: 'lp_fix', target: 'patching' as const },
        ...{ started_at: seconds(startedAt), sampled_at: seconds(from + index), tasks_total: 9, tasks_remaining: 1 },
        ...{ signalled_at: null, forced_at: null },
      }))
    await kysely
      .insertInto('transition_samples')
      .values(rows(0, 0, 400))
      .execute()
    await kysely
      .insertInto('transition_samples')
      .values(rows(1000, 1000, 50))
      .execute()
    await kysely
      .insertInto('transition_samples')
      .values(rows(2000, 2000, 900))
      .execute()
    await pruneHistory(kysely)
    const kept = await kysely
      .selectFrom('transition_samples')
      .select(['started_at', 'sequence'])
      .where('host_id', '=', id)
      .execute()
    const count = (startedAt: number) =>
      kept.filter((row) => row.started_at.getTime() === seconds(startedAt).getTime()).length
    expect([count(0), count(1000)]).toEqual([0, 50])
    // 300 dense ones, and one for each of the minutes that begin in the 600 seconds before.
    expect(count(2000)).toBe(311)
  })
})
