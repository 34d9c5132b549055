// Goal: a join token makes one host, once. Method: the store on two pools of one database, raced.
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DatabaseSchema } from '../database/schema.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { createIngest } from '../ingest/ingest.ts'
import { hello } from '../ingest/test-messages.ts'
import type { EnrolmentStore } from '../link/ports.ts'
import { createEnrolmentStore } from './enrolment-store.ts'

const NOW = new Date('2026-11-24T12:00:00.000Z')
const LATER = new Date(NOW.getTime() + 60_000)
let database: TestDatabase
let other: Kysely<DatabaseSchema>
beforeAll(async () => {
  database = await createTestDatabase()
  const pool = new pg.Pool({ ...database.connection, max: 8 })
  other = new Kysely<DatabaseSchema>({ dialect: new PostgresDialect({ pool }) })
})
afterAll(async () => {
  await other.destroy()
  await database.drop()
})

const request = (tokenHash: string, n: number, now = NOW) => {
  const id = `5f0c1d6e-0000-4000-8000-${String(n).padStart(12, '0')}`
  const certificate = { fingerprint: `fingerprint-${tokenHash}-${n}`, expiresAt: LATER }
  return { tokenHash, host: { id, name: `host-${n}` }, certificate, now }
}
const hostOf = async (store: EnrolmentStore, fingerprint: string) => {
  const hostId = (await store.certifiedHost(fingerprint))?.hostId
  expect((await store.hostsOfCertificates([fingerprint])).get(fingerprint)).toBe(hostId)
  return hostId
}
const token = (hash: string, labels = {}) => ({ hash, labels, expiresAt: LATER, createdBy: 'admin' })

describe('T15 a join token', () => {
  test('of fifty enrolments at once on two backends one makes a host', async () => {
    const stores = [createEnrolmentStore(database.kysely), createEnrolmentStore(other)] as const
    await stores[0].addToken(token('raced', { env: 'prod' }))
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, n) => stores[n % 2 === 0 ? 0 : 1].enrol(request('raced', n))),
    )
    expect(results.filter(Boolean).length).toBe(1)
    const hosts = await database.kysely.selectFrom('hosts').select(['id', 'labels', 'state', 'name']).execute()
    expect(hosts).toMatchObject([{ labels: { env: 'prod' }, state: 'offline' }])
    const certificates = await database.kysely.selectFrom('certificates').select(['host_id', 'fingerprint']).execute()
    expect(certificates.map((row) => row.host_id)).toEqual(hosts.map(({ id }) => id))
    expect(await hostOf(stores[1], certificates[0]?.fingerprint ?? '')).toBe(hosts[0]?.id)
  })

  test('that is unknown, used or past its end makes nothing', async () => {
    const store = createEnrolmentStore(database.kysely)
    await store.addToken(token('short'))
    expect(await store.enrol(request('unknown', 100))).toBe(false)
    expect(await store.enrol(request('raced', 101))).toBe(false)
    expect(await store.enrol(request('short', 102, LATER))).toBe(false)
    expect(await database.kysely.selectFrom('hosts').select('id').execute()).toHaveLength(1)
  })

  test('stays unused when the host cannot be made', async () => {
    const store = createEnrolmentStore(database.kysely)
    await store.addToken(token('kept'))
    const taken = (await database.kysely.selectFrom('hosts').select('id').executeTakeFirstOrThrow()).id
    const clash = request('kept', 103)
    await expect(store.enrol({ ...clash, host: { ...clash.host, id: taken } })).rejects.toThrow(/duplicate key/)
    expect(await store.enrol(request('kept', 104))).toBe(true)
  })
})

test('T18 what a host is, its token says, and no later word of the host', async () => {
  const store = createEnrolmentStore(database.kysely)
  await store.addToken({ ...token('recording'), origin: 'recorded' })
  await store.addToken(token('plain'))
  await store.enrol(request('recording', 200))
  const plain = request('plain', 201)
  await store.enrol(plain)
  const ingest = createIngest({ database: database.kysely, clock: { now: () => NOW } })
  const { fingerprint } = plain.certificate
  expect(await store.certifiedHost(fingerprint)).toMatchObject({ epochSeen: null })
  const word = hello({ epoch: 4, sequence: 1 }, { origin: 'simulated' })
  expect(await ingest.linkOpened(plain.host.id, 'link', word, NOW)).toEqual({ clockSkewMs: null, snapshotWanted: true })
  expect(await store.certifiedHost(fingerprint)).toMatchObject({ epochSeen: 4 })
  const rows = database.kysely.selectFrom('hosts').select('origin').orderBy('enrolled_name')
  const origins = await rows.where('enrolled_name', 'in', ['host-200', 'host-201']).execute()
  expect(origins).toEqual([{ origin: 'recorded' }, { origin: 'agent' }])
})

test('T15 whether a token is good is seen without using it up', async () => {
  const store = createEnrolmentStore(database.kysely)
  await store.addToken(token('looked-at'))
  expect(await store.tokenIsGood('looked-at', NOW)).toBe(true)
  expect(await store.tokenIsGood('looked-at', LATER)).toBe(false)
  expect(await store.tokenIsGood('no-such', NOW)).toBe(false)
  expect(await store.enrol(request('looked-at', 202))).toBe(true)
  expect(await store.tokenIsGood('looked-at', NOW)).toBe(false)
})

test('T17 a revoked certificate belongs to nobody', async () => {
  const store = createEnrolmentStore(database.kysely)
  const [{ fingerprint } = { fingerprint: '' }] = await database.kysely
    .selectFrom('certificates')
    .select('fingerprint')
    .execute()
  expect(await hostOf(store, 'unknown')).toBeUndefined()
  await database.kysely
    .updateTable('certificates')
    .set({ revoked_at: NOW })
    .where('fingerprint', '=', fingerprint)
    .execute()
  expect(await hostOf(store, fingerprint)).toBeUndefined()
})
