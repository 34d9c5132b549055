// Goal: pages are read from a replica when, and only when, it has all that their reader could know of, and its trouble is nobody's error.
// Method: two real PostgreSQL in streaming replication, the whole backend over sockets, and a proxy that goes silent before the replica.
import { sql } from 'kysely'
import pino from 'pino'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { startTestProxy, type TestProxy } from '../../../process/test-proxy.ts'
import { Random } from '../../../sim/core/random.ts'
import { followStream } from '../../events/test-stream.ts'
import { enrolTestHost, openTestLink } from '../../ingest/test-host.ts'
import * as make from '../../ingest/test-messages.ts'
import { startTestBackend, type TestBackend } from '../../test-backend.ts'
import { startTestStandby, type TestStandby } from './test-standby.ts'

let standby: TestStandby
let proxy: TestProxy
let backend: TestBackend
let cookie: string
const lines: { msg: string; reason?: string }[] = []

beforeAll(async () => {
  standby = await startTestStandby()
  proxy = await startTestProxy({ path: standby.socket })
  const url = new URL(standby.url)
  url.search = ''
  url.host = `127.0.0.1:${proxy.port}`
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  backend = await startTestBackend(standby.database, { settings: { databaseReplicaUrl: url.href }, log })
  cookie = await backend.signIn()
  await used()
}, 60_000)
afterAll(async () => {
  await backend?.close()
  await proxy?.close()
  await standby?.close()
})
afterEach(() => void lines.splice(0))
const get = async (path: string) => {
  const answer = await backend.call('GET', path, { cookie })
  expect([path, answer.status]).toEqual([path, 200])
  return answer
}
const metric = async (name: string): Promise<number> => {
  const { text } = await backend.call('GET', '/metrics')
  const line = text.split('\n').find((one) => one.startsWith(`${name} `))
  return Number(line?.slice(name.length + 1))
}
const READS = {
  replica: 'rebootless_database_reads_total{by="replica"}',
  primary: 'rebootless_database_reads_total{by="primary"}',
}
/** How many reads each database answers during `work`. */
const answeredBy = async (work: () => Promise<unknown>) => {
  const before = [await metric(READS.replica), await metric(READS.primary)] as const
  await work()
  return { replica: (await metric(READS.replica)) - before[0], primary: (await metric(READS.primary)) - before[1] }
}
const state = async () => (await backend.call('GET', '/readyz')).json<{ replica: string }>().replica
const becomes = (words: string) =>
  vi.waitFor(async () => expect(await state()).toBe(words), { timeout: 10_000, interval: 20 })
const used = () => becomes('in use')
const told = (msg: string) => lines.filter((line) => line.msg === msg)
const mended = async () => {
  proxy.delay(0)
  proxy.set('open')
  await standby.resumeReplay()
  await used()
}

let sequence = 10
const report = async (id: string, release: string) => {
  sequence += 1
  const snapshot = make.patchedSnapshot()
  const kernel = { ...snapshot.kernel, release }
  await backend.ingest.accept(
    id,
    make.snapshotMessage({ epoch: 1, sequence }, { ...snapshot, kernel }),
    backend.clock.now(),
  )
}
/** One more host, known by an event and in the list. */
const addHost = async (): Promise<string> => {
  const id = await enrolTestHost(standby.database.kysely)
  await openTestLink(backend.ingest, id, 'link', backend.clock.now())
  await report(id, '6.12.0')
  return id
}
const totalOf = async () => (await get('/api/v1/hosts')).json<{ total: number }>().total

/** It may have to catch up first; what it cannot answer at all never comes true. */
const byReplicaAlone = (work: () => Promise<unknown>) =>
  vi.waitFor(async () => {
    const by = await answeredBy(work)
    expect([by.primary, by.replica > 0]).toEqual([0, true])
  }, 5_000)

const PAGES = [
  ...[
    'fleet/counts',
    'fleet/summary',
    'hosts',
    'cves',
    'reboot-debt',
    'reboot-debt/days?from=2026-11-01&to=2026-11-30',
  ],
  ...['compliance/trend?days=30', 'audit', 'audit/export', 'audit/export.csv'],
  ...['compliance/export.csv', 'compliance/export.json', 'compliance/vex.json'],
].map((page) => `/api/v1/${page}`)

test('lists, trends and exports are read from the replica', async () => {
  const id = await addHost()
  const pages = [...PAGES, `/api/v1/hosts/${id}`, `/api/v1/hosts/${id}/raw`, `/api/v1/hosts/${id}/transition`]
  pages.push('/api/v1/compliance/trend/part?filter=label.env:prod&days=30')
  pages.push(`/api/v1/hosts/${id}/redirections`, `/api/v1/hosts/${id}/kernel-readings`, `/api/v1/hosts/${id}/exposure`)
  for (const page of pages) await byReplicaAlone(() => get(page))
  // Each moment anew, since past ones are kept.
  let past = Date.now() - 60_000
  await byReplicaAlone(() => {
    past -= 1
    return get(`/api/v1/compliance?at=${new Date(past).toISOString()}`)
  })
  const connections = `select count(*)::int as count from pg_stat_activity where application_name = 'rebootless-reads'`
  expect(await standby.query(connections)).not.toEqual([{ count: 0 }])
  expect(told('a read failed on the replica; the primary is asked')).toEqual([])
})

test('that there is none is answered by the replica as well', async () => {
  for (const page of ['/api/v1/cves/CVE-2026-1000', '/api/v1/cves/CVE-2026-1000/host-hours']) {
    await byReplicaAlone(async () => expect((await backend.call('GET', page, { cookie })).status).toBe(404))
  }
})

test('while its replay is paused the primary answers, at first after a short wait, then at once; lag and log tell', async () => {
  await standby.pauseReplay()
  try {
    const before = await totalOf()
    await addHost()
    const by = await answeredBy(async () => expect(await totalOf()).toBe(before + 1))
    expect(by).toEqual({ replica: 0, primary: 1 })
    await becomes('not in use: the replica is more than a second behind')
    expect(await metric('rebootless_database_replica_lag_seconds')).toBeGreaterThan(1)
    expect(told('pages are read from the primary')).toMatchObject([
      { reason: 'the replica is more than a second behind' },
    ])
  } finally {
    await standby.resumeReplay()
  }
  await used()
  expect(told('pages are read from the replica')).toHaveLength(1)
  expect(await metric('rebootless_database_replica_lag_seconds')).toBeLessThan(1)
  await byReplicaAlone(totalOf)
})

test.each(['killed', 'cut', 'silent'] as const)(
  'one that is %s costs no page an error, and is used again once it is back',
  async (how) => {
    const reading = new AbortController()
    const readers = [0, 1, 2, 3].map(async (first) => {
      for (let at = first; !reading.signal.aborted; at += 1) await get(PAGES[at % 6] ?? '')
    })
    const gone = async () => {
      if (how === 'killed') await standby.kill()
      else proxy.set(how)
      await becomes('not in use: the replica does not answer')
      const before = await totalOf()
      await addHost()
      expect(await totalOf()).toBe(before + 1)
    }
    const [outcome] = await Promise.allSettled([gone().finally(() => reading.abort()), ...readers])
    if (how === 'killed') await standby.start()
    else proxy.set('open')
    expect(outcome.status === 'rejected' ? outcome.reason : null).toBeNull()
    await Promise.all(readers)
    await used()
    await byReplicaAlone(totalOf)
  },
)

test('nobody reads a state older than an event that he was told of, however the replica fares', async () => {
  const random = new Random(20_261_127)
  const stream = await followStream(backend, cookie)
  await stream.until(({ id }) => id !== undefined)
  const id = await addHost()
  const seen = { replica: 0, primary: 0 }
  for (let step = 0; step < 30; step += 1) {
    const chance = random.integer(0, 9)
    if (chance === 0) await standby.pauseReplay()
    if (chance === 1 || chance === 2) await standby.resumeReplay()
    if (chance === 3) proxy.set('cut')
    if (chance === 4 || chance === 5) proxy.set('open')
    if (chance === 6) proxy.delay(random.integer(0, 20))
    if (chance === 7) await mended()
    const release = `7.${step}.0`
    await report(id, release)
    const told = await stream.until(
      ({ event }) => event?.type === 'host.changed' && event.host.kernelRelease === release,
    )
    const revision = told.event?.type === 'host.changed' ? told.event.host.revision : Number.POSITIVE_INFINITY
    const by = await answeredBy(async () => {
      const { items } = (await get(`/api/v1/hosts?filter=kernel:${release}`)).json<{
        items: { id: string; revision: number }[]
      }>()
      expect(items.find((host) => host.id === id)?.revision).toBeGreaterThanOrEqual(revision)
    })
    seen.replica += by.replica
    seen.primary += by.primary
  }
  stream.stop()
  await mended()
  expect(seen.replica).toBeGreaterThan(5)
  expect(seen.primary).toBeGreaterThan(3)
})

test('an act is in the audit log that is asked for next, and an export holds the entry that tells of it', async () => {
  for (const page of ['/api/v1/audit/export', '/api/v1/audit/export.csv']) {
    const { rows } = await sql<{ last: number }>`select max(sequence)::int as last from audit`.execute(
      standby.database.kysely,
    )
    const { text } = await get(page)
    const last = Number(rows[0]?.last) + 1
    expect(text).toContain(page.endsWith('csv') ? `\n${last},` : `"sequence":${last},`)
  }
})

test('T31 one that lets nobody in is told of with its own words, and never with the password', async () => {
  const url = new URL(standby.url)
  url.password = 'canary-of-the-replica'
  const texts: string[] = []
  const log = pino({ level: 'trace' }, { write: (line: string) => void texts.push(line) })
  const other = await startTestBackend(standby.database, { settings: { databaseReplicaUrl: url.href }, log })
  try {
    await vi.waitFor(() => expect(texts.join('')).toContain('password authentication failed'), 5_000)
    expect((await other.call('GET', '/api/v1/hosts', { cookie })).status).toBe(200)
    const { text } = await other.call('GET', '/readyz')
    expect(JSON.parse(text)).toEqual({ status: 'ready', replica: 'not in use: the replica does not answer' })
    expect(texts.join('') + text).not.toContain('canary-of-the-replica')
  } finally {
    await other.close()
  }
})

test('what is no standby of this primary is not read from', async () => {
  const other = await startTestBackend(standby.database, { settings: { databaseReplicaUrl: standby.primaryUrl } })
  try {
    const words = async () => (await other.call('GET', '/readyz')).json<{ replica: string }>().replica
    await vi.waitFor(
      async () => expect(await words()).toBe('not in use: the server of DATABASE_REPLICA_URL is no standby'),
      5_000,
    )
    expect((await other.call('GET', '/api/v1/hosts', { cookie })).status).toBe(200)
  } finally {
    await other.close()
  }
  await standby.promote()
  await becomes('not in use: the server of DATABASE_REPLICA_URL is no standby')
  expect((await answeredBy(totalOf)).replica).toBe(0)
})
