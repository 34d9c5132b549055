// Goal: a renewed certificate leaves no gap and no second way in. Method: the store over a real PostgreSQL.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import type { EnrolmentStore } from '../link/ports.ts'
import { createEnrolmentStore } from './enrolment-store.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute))
const expiresAt = at(600)
const certified = (store: EnrolmentStore, fingerprint: string) => store.certifiedHost(fingerprint)

test('T17 the old certificate is good until the new one is used, and then no more', async () => {
  const store = createEnrolmentStore(database.kysely)
  const hostId = randomUUID()
  await store.addToken({ hash: 'a'.repeat(64), labels: {}, expiresAt, createdBy: 'admin' })
  const first = { fingerprint: '1'.repeat(64), expiresAt }
  const host = { id: hostId, name: 'web-1' }
  expect(await store.enrol({ tokenHash: 'a'.repeat(64), host, certificate: first, now: at(1) })).toBe(true)

  const second = { fingerprint: '2'.repeat(64), expiresAt }
  expect(await store.addCertificate({ hostId, certificate: second, now: at(2) })).toBe(true)
  expect(await certified(store, first.fingerprint)).toMatchObject({ hostId, supersedes: false, epochSeen: null })
  expect(await certified(store, second.fingerprint)).toMatchObject({ hostId, supersedes: true, epochSeen: null })

  await store.certificateUsed(first.fingerprint, at(3))
  expect(await certified(store, second.fingerprint)).toMatchObject({ hostId, supersedes: true, epochSeen: null })
  await store.certificateUsed(second.fingerprint, at(3))
  expect(await certified(store, first.fingerprint)).toBeUndefined()
  expect(await certified(store, second.fingerprint)).toMatchObject({ hostId, supersedes: false, epochSeen: null })
})

test('T17 a host that was removed gets no new certificate', async () => {
  const store = createEnrolmentStore(database.kysely)
  const certificate = { fingerprint: '3'.repeat(64), expiresAt }
  expect(await store.addCertificate({ hostId: randomUUID(), certificate, now: at(1) })).toBe(false)
  expect(await certified(store, certificate.fingerprint)).toBeUndefined()
})
