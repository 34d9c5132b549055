// Goal: what was revoked is beside the database within a look, once, over restarts and a torn line. Method: real PostgreSQL and real files.
import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { createHostActs } from '../enrolment/host-acts.ts'
import { createUser } from '../http/test-users.ts'
import { enrolTestHost } from '../ingest/test-host.ts'
import { createJournal, REVOCATIONS_FILE, readRevocations } from './revocation-journal.ts'

const DOER = {
  actor: { kind: 'user', id: null, name: 'admin', address: null },
  requestId: 'test',
  username: 'admin',
} as const

let database: TestDatabase
let folder: string
let file: string
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  folder = await mkdtemp(path.join(os.tmpdir(), 'revocations-'))
  file = path.join(folder, REVOCATIONS_FILE)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const lines = async () => (await readFile(file, 'utf8')).split('\n').length - 1

test('T32 certificates, removed and quarantined hosts, and disabled users are written once, and taken up by another run', async () => {
  const now = new Date()
  const [gone, held] = [
    await enrolTestHost(database.kysely, { name: 'gone', now, labels: {} }),
    await enrolTestHost(database.kysely, { name: 'held', now, labels: {} }),
  ]
  const fingerprint = 'a'.repeat(64)
  await sql`insert into certificates (fingerprint, host_id, issued_at, expires_at, revoked_at)
    values (${fingerprint}, ${held}, now(), now() + interval '1 day', now())`.execute(database.kysely)
  const user = await createUser(database.kysely, 'viewer')
  await sql`update users set disabled_at = now() where id = ${user}`.execute(database.kysely)
  const acts = createHostActs(database.kysely, () => new Date())
  await acts.quarantine(held, 'strange', DOER)
  const note = createJournal(database.kysely, file)
  await note()
  await acts.remove(gone, { name: 'gone', reason: 'sold' }, DOER)
  await note()
  const expected = expect.arrayContaining([
    expect.objectContaining({ kind: 'certificate', id: fingerprint }),
    expect.objectContaining({ kind: 'host removed', id: gone }),
    expect.objectContaining({ kind: 'quarantine', id: held, reason: 'strange' }),
    expect.objectContaining({ kind: 'user', id: user }),
  ])
  expect(await readRevocations(file)).toEqual(expected)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const written = await lines()
  await note()
  await createJournal(database.kysely, file)()
  expect(await lines()).toBe(written)

  await acts.liftQuarantine(held, 'looked at', DOER)
  await note()
  expect((await readRevocations(file)).find(({ id }) => id === held)).toMatchObject({ kind: 'quarantine', ended: true })
  await acts.quarantine(held, 'again', DOER)
  await note()
  const last = (await readRevocations(file)).find(({ id }) => id === held)
  expect([last?.reason, last?.ended]).toEqual(['again', undefined])
})

test('a line that a crash cut off is no line, and the next begins where it began; a damaged one is said', async () => {
  const user = await createUser(database.kysely, 'viewer')
  await sql`update users set disabled_at = now() where id = ${user}`.execute(database.kysely)
  await createJournal(database.kysely, file)()
  const before = await readRevocations(file)
  await appendFile(file, '{"kind":"user","id":"torn')
  expect(await readRevocations(file)).toEqual(before)
  const another = await createUser(database.kysely, 'viewer')
  await sql`update users set disabled_at = now() where id = ${another}`.execute(database.kysely)
  await createJournal(database.kysely, file)()
  expect((await readRevocations(file)).map(({ id }) => id)).toEqual([...before.map(({ id }) => id), another])
  await appendFile(file, 'not a line\n')
  await expect(readRevocations(file)).rejects.toThrow(/line \d+, is no line of revocations.jsonl/)
  await expect(readRevocations(`${file}.none`)).rejects.toThrow(/cannot be read/)
})
