// Goal: the backend works as one piece. Method: a real backend over a real database, called as a browser would.
import { FleetSummary } from '@rebootless/shared/contract/fleet.ts'
import { HostList } from '@rebootless/shared/contract/host.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from './database/test-database.ts'
import { startTestBackend, type TestBackend } from './test-backend.ts'

let database: TestDatabase
let backend: TestBackend
beforeAll(async () => {
  database = await createTestDatabase()
  backend = await startTestBackend(database)
})
afterAll(async () => {
  await backend.close()
  await database.drop()
})

describe('an empty fleet', () => {
  test('is alive and ready without a session', async () => {
    expect((await backend.call('GET', '/healthz')).json()).toEqual({ status: 'alive' })
    expect((await backend.call('GET', '/readyz')).json()).toEqual({ status: 'ready' })
  })
  test('answers in the contract’s shapes', async () => {
    const cookie = await backend.signIn()
    const summary = await backend.call('GET', '/api/v1/fleet/summary', { cookie })
    expect(FleetSummary.parse(summary.json()).total).toBe(0)
    const list = await backend.call('GET', '/api/v1/hosts', { cookie })
    expect(HostList.parse(list.json())).toMatchObject({ items: [], nextCursor: null, total: 0 })
  })
  test('hands out a join token with the command to type', async () => {
    const cookie = await backend.signIn()
    const answer = await backend.call('POST', '/api/v1/enrolment-tokens', { cookie, body: {} })
    expect(answer.status).toBe(201)
    expect(answer.json().command).toBe('rebootless-agent enrol --server https://127.0.0.1:8443 --token test-token-1')
  })
})

test('a taken port is refused with what to do', async () => {
  const other = startTestBackend(database, { settings: { port: backend.port } })
  await expect(other).rejects.toThrow(/is taken.*set PORT/)
})
