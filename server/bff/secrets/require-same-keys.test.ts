// Goal: a server whose keys are not those of its database does not start, and says what to do. Method: several servers'
// keys over one PostgreSQL, one after the other and at once.
import { randomBytes } from 'node:crypto'
import { AuditEntry } from '@rebootless/shared/contract/audit.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { enrolTestHost } from '../ingest/test-host.ts'
import { SettingsError } from '../settings.ts'
import { type OwnKeys, requireSameKeys } from './require-same-keys.ts'

let database: TestDatabase
beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(() => database.drop())

const NOW = new Date('2026-11-26T12:00:00.000Z')
const keysOf = (change: Partial<OwnKeys> = {}): OwnKeys => ({
  commandKey: randomBytes(32).toString('base64'),
  secretsKey: randomBytes(32),
  authorities: ['a'.repeat(64)],
  ...change,
})
const start = (keys: OwnKeys, accept = false) => requireSameKeys(database.kysely, keys, { accept, now: NOW })
const refusal = (keys: OwnKeys) =>
  start(keys).then(
    () => 'started',
    (error: unknown) => (error instanceof SettingsError ? error.message : Promise.reject(error)),
  )
const written = async () => {
  const rows = await database.kysely.selectFrom('audit').select('entry').execute()
  const all = rows.map(({ entry }) => AuditEntry.parse(JSON.parse(entry)))
  return all.filter(({ action }) => action.startsWith('server.'))
}
const hostSignedBy = async (authority: string) => {
  const id = await enrolTestHost(database.kysely, { now: NOW })
  await database.kysely.updateTable('certificates').set({ authority }).where('host_id', '=', id).execute()
}

test('T33 the keys of the first server are those of the database: others do not start, and the same do', async () => {
  const first = keysOf()
  await start(first)
  await start(first)
  const command = await refusal({ ...first, commandKey: keysOf().commandKey })
  expect(command).toMatch(/^command-key\.pem is not the key of this database: every agent would refuse/)
  expect(command).toContain('copy them from the first server')
  expect(await refusal({ ...first, secretsKey: keysOf().secretsKey })).toMatch(/^secrets\.key is not/)
  await start(first)
  expect(await written()).toEqual([])
})

test('T33 of two that start at once with keys of their own, one does', async () => {
  const said = await Promise.all([refusal(keysOf()), refusal(keysOf())])
  expect(said.filter((one) => one === 'started')).toHaveLength(1)
})

test('T17 T33 a data folder whose authorities signed no certificate of the hosts is another fleet’s', async () => {
  const first = keysOf()
  await hostSignedBy('a'.repeat(64))
  await start(first)
  // While one authority takes the place of another, both are there.
  await start({ ...first, authorities: ['a'.repeat(64), 'b'.repeat(64)] })
  const other = { ...first, authorities: ['c'.repeat(64)] }
  expect(await refusal(other)).toMatch(/^No authority of this data folder/)
  await database.kysely.updateTable('certificates').set({ revoked_at: NOW }).execute()
  await start(other)
})

test('T30 keys that were replaced on purpose are accepted once, for good, and the log tells', async () => {
  await hostSignedBy('a'.repeat(64))
  const [first, next] = [keysOf(), keysOf({ authorities: ['b'.repeat(64)] })]
  await start(first)
  await start(next, true)
  const [{ action, actor, before, after } = {}, ...others] = await written()
  expect([action, actor?.kind, others]).toEqual(['server.replace_keys', 'server', []])
  expect(after).toMatchObject({ certificatesEnded: 1 })
  expect(before?.['command-key.pem']).not.toBe(after?.['command-key.pem'])
  await start(next)
  await start(next, true)
  expect(await written()).toHaveLength(1)
  expect(await refusal(first)).toMatch(/command-key/)
})

test('T31 no key is in the database', async () => {
  const keys = keysOf()
  await start(keys)
  const rows = JSON.stringify(await database.kysely.selectFrom('server_keys').selectAll().execute())
  expect(rows).toContain('secrets.key')
  for (const form of ['hex', 'base64', 'base64url'] as const) {
    expect(rows).not.toContain(Buffer.from(keys.secretsKey).toString(form))
  }
})
