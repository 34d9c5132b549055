// Goal: /metrics tells how the fleet stands, to this machine and to a token of the whole fleet, and never a zero for what is not
// known. Method: hosts as ingest writes them on a real database, a backend asked by HTTP; a database that fails.
import pino from 'pino'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { enrolTestHost } from '../ingest/test-host.ts'
import { startTestBackend, type TestBackend } from '../test-backend.ts'
import { registerFleetMetrics } from './fleet-metrics.ts'

let database: TestDatabase
let backend: TestBackend
beforeAll(async () => {
  database = await createTestDatabase()
  for (const name of ['one', 'two', 'three']) await enrolTestHost(database.kysely, { name })
  await database.kysely
    .updateTable('hosts')
    .set({ providers: ['livepatch', 'made up by a host'] })
    .execute()
  backend = await startTestBackend(database)
})
afterAll(async () => {
  await backend.close()
  await database.drop()
})

test('hosts are counted by closed lists of words, so that no host can make series', async () => {
  const { text } = await backend.call('GET', '/metrics')
  expect(text).toContain('rebootless_fleet_metrics_up 1')
  expect(text).toMatch(/^rebootless_hosts\{state="\w+",origin="agent"\} 3$/m)
  expect(text).toMatch(/^rebootless_hosts\{state="stalled",origin="agent"\} 0$/m)
  expect(text).toContain('rebootless_hosts_by_provider{provider="livepatch"} 3')
  expect(text).toContain('rebootless_hosts_by_provider{provider="other"} 3')
  expect(text).not.toContain('made up by a host')
  for (const name of ['rollouts{phase="running"}', 'alerts{severity="page",phase="firing"}', 'fleet_frozen'])
    expect(text).toContain(`rebootless_${name} 0`)
})

test('T31 from elsewhere only an API token of the whole fleet reads them', async () => {
  const cookie = await backend.signIn()
  const token = async (scope?: string): Promise<string> => {
    const body = { name: 'prometheus', role: 'viewer', validDays: 1, ...(scope && { scope }) }
    return (await backend.call('POST', '/api/v1/tokens', { cookie, body })).json<{ token: string }>().token
  }
  const read = async (headers: Record<string, string>, asker?: string) =>
    (
      await backend.call('GET', '/metrics', {
        ...(asker && { cookie: asker }),
        headers: { 'x-forwarded-for': '203.0.113.7', ...headers },
      })
    ).status
  expect(await read({ authorization: `Bearer ${await token()}` })).toBe(200)
  expect(await read({ authorization: `Bearer ${await token('label.env:prod')}` })).toBe(403)
  expect(await read({ authorization: `Bearer rbl_${'A'.repeat(43)}` })).toBe(401)
  expect(await read({}, cookie)).toBe(403)
  expect(await read({})).toBe(403)
})

test('a database that does not answer is told as such, and no number stands for what is not known', async () => {
  const gone = await createTestDatabase()
  await gone.drop()
  const registry = new Registry()
  registerFleetMetrics({
    ...{ registry, database: gone.kysely, log: pino({ level: 'silent' }) },
    exposure: () => null,
  })
  const text = await registry.metrics()
  expect(text).toContain('rebootless_fleet_metrics_up 0')
  expect(text).not.toMatch(/^rebootless_hosts/m)
})
