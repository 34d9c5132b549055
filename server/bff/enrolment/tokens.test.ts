// Goal: a join token lets in as many hosts as it says, while it holds, and all of it can be told afterwards. Method: two
// backends with real TLS on one PostgreSQL, enrolments raced over both, and the routes that people use.
import { generateKeyPairSync } from 'node:crypto'
import { ListedToken } from '@rebootless/shared/contract/enrolment.ts'
import { ENROL_PATH } from '@rebootless/shared/domain/agent-link.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askForCertificate } from '../../agent/link/ask-for-certificate.ts'
import { fetchPinnedAuthority } from '../../agent/link/pinned-authority.ts'
import { addressOf } from '../../agent/link/server-address.ts'
import { createTestFleet, enrolBody, type TestFleet } from './test-fleet.ts'

let fleet: TestFleet
beforeAll(async () => {
  fleet = await createTestFleet(2)
})
afterAll(() => fleet.end())

const enrolAt = async (server: string, token: string, change: object = {}) => {
  const address = addressOf(server)
  const authority = await fetchPinnedAuthority(address, token.split('.')[2] ?? '')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return askForCertificate({ address, authority }, ENROL_PATH, enrolBody(privateKey, token, change))
}
const listed = async (id: string) => {
  const { items } = (await fleet.call('GET', '/api/v1/enrolment-tokens')).json<{ items: ListedToken[] }>()
  return items.map((item) => ListedToken.parse(item)).find((item) => item.id === id)
}

test('T15 of fifty enrolments on two backends, a token for seven lets seven in; each is audited', async () => {
  const { id, token } = await fleet.token({ uses: 7, labels: { env: 'prod' } })
  const results = await Promise.allSettled(
    Array.from({ length: 50 }, (_, n) => enrolAt(fleet.sites[n % 2]?.server ?? '', token, { hostName: `raced-${n}` })),
  )
  const enrolled = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.hostId] : []))
  expect(enrolled).toHaveLength(7)
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ problem: 'enrolment_token_refused' })
  }
  const hosts = await fleet.database.kysely.selectFrom('hosts').select(['id', 'labels', 'enrolled_by']).execute()
  expect(hosts.map((host) => host.id).sort()).toEqual([...enrolled].sort())
  for (const host of hosts) expect(host).toMatchObject({ labels: { env: 'prod' }, enrolled_by: 'admin' })

  const entries = await fleet.audited('host.enrol')
  expect(entries.filter(({ result }) => result === 'done')).toHaveLength(7)
  expect(entries.filter(({ result }) => result === 'refused')).toHaveLength(43)
  expect(entries[0]).toMatchObject({ actor: { kind: 'host', address: expect.stringContaining('127.0.0.1') } })
  expect(JSON.stringify(entries)).not.toContain(token.split('.')[1])

  const used = await listed(id)
  expect(used).toMatchObject({ state: 'used', uses: 7, usesLeft: 0, createdBy: 'admin', labels: { env: 'prod' } })
  expect(used?.hosts.map((host) => host.id).sort()).toEqual([...enrolled].sort())
})

test('T15 a revoked token lets nobody in, those that came stay, and it says who revoked it', async () => {
  const { id, token } = await fleet.token({ uses: 2 })
  const { hostId } = await enrolAt(fleet.first.server, token)
  expect(await listed(id)).toMatchObject({ state: 'open', usesLeft: 1, hosts: [{ id: hostId, there: true }] })
  expect((await fleet.call('DELETE', `/api/v1/enrolment-tokens/${id}`, { reason: 'leaked' })).status).toBe(204)
  await expect(enrolAt(fleet.sites[1]?.server ?? '', token)).rejects.toMatchObject({
    problem: 'enrolment_token_refused',
  })
  expect(await listed(id)).toMatchObject({ state: 'revoked', revokedBy: 'admin' })
  expect((await fleet.call('GET', `/api/v1/hosts/${hostId}`)).status).toBe(200)
  expect(await fleet.audited('enrolment_token.revoke')).toMatchObject([{ target: { id }, reason: 'leaked' }])
  expect(await fleet.audited('enrolment_token.create')).toContainEqual(
    expect.objectContaining({ target: { kind: 'enrolment_token', id, name: null } }),
  )
})

test('T15 more than an hour, no use and a thousand and one are refused; an unknown token cannot be revoked', async () => {
  for (const body of [{ validMinutes: 61 }, { uses: 0 }, { uses: 1001 }]) {
    expect((await fleet.call('POST', '/api/v1/enrolment-tokens', body)).status).toBe(400)
  }
  const unknown = await fleet.call('DELETE', `/api/v1/enrolment-tokens/${crypto.randomUUID()}`, { reason: 'leaked' })
  expect(unknown.json()).toMatchObject({ type: '/problems/enrolment_token_not_found', status: 404 })
})

test('T15 a flood of refusals is told as a number', async () => {
  const before = (await fleet.audited('host.enrol')).length
  const { enrolmentStore } = fleet.first.backend
  for (let n = 0; n < 400; n += 1) {
    await enrolmentStore.enrolmentRefused({
      who: { name: `flood-${n}` },
      problem: 'enrolment_token_refused',
      now: new Date(),
    })
  }
  const written = (await fleet.audited('host.enrol')).length - before
  expect(written).toBeLessThan(250)
  expect(written).toBeGreaterThan(100)
})

test('T21 an agent of protocol 1 is answered with nothing that it would not understand', async () => {
  const { token } = await fleet.token()
  const answer = await enrolAt(fleet.first.server, token, { protocol: undefined })
  expect(Object.keys(answer).sort()).toEqual(['certificate', 'certificateAuthority', 'expiresAt', 'hostId'])
})
