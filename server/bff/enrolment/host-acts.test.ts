// Goal: a host that is removed or revoked is cut off at once everywhere, and one that comes back is another. Method: real
// agents on two backends over one PostgreSQL; in one fleet no notification arrives.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { createSystemClock } from '../../agent/kernel/system-clock.ts'
import { enrol } from '../../agent/link/enrol.ts'
import { runAgent } from '../../agent/run-agent.ts'
import { eventually, sampleSnapshot } from '../link/link-test-bench.ts'
import { createTestFleet, type TestFleet } from './test-fleet.ts'

const clock = createSystemClock()
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** A real agent with nothing to see, linked. */
const startHost = async (fleet: TestFleet, options: { site?: number; labels?: object; machineId?: string } = {}) => {
  const { token } = await fleet.token({ labels: options.labels ?? {} })
  const dataDirectory = await mkdtemp(join(tmpdir(), 'rebootless-agent-'))
  const server = fleet.sites[options.site ?? 0]?.server ?? ''
  const { machineId } = options
  const host = { dataDirectory, hostName: 'web-1', origin: 'agent', machineId } as const
  const { hostId } = await enrol({ ...host, server, token, now: clock.now })
  const stop = new AbortController()
  const log: string[] = []
  const running = runAgent({
    ...host,
    machineId: async () => machineId,
    observer: {
      current: async () => sampleSnapshot({ hostName: 'web-1' }),
      async run(listener, signal) {
        listener.snapshot(sampleSnapshot({ hostName: 'web-1' }), '0'.repeat(64))
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
      },
    },
    clock,
    signal: stop.signal,
    log: { info: () => {}, warn: (text) => log.push(text) },
  })
  const end = async () => {
    stop.abort()
    await running
    await rm(dataDirectory, { recursive: true, force: true })
  }
  ends.push(end)
  const connected = async () => (await fleet.call('GET', `/api/v1/hosts/${hostId}`)).json().connected === true
  await eventually('linked', connected)
  return { hostId, log, end, connected }
}
const removal = { name: 'web-1', reason: 'sold' }

describe('told at once', () => {
  let fleet: TestFleet
  test('T17 revoking cuts an open link on another backend without delay, and lets it not come back', async () => {
    fleet = await createTestFleet(2, { certificateRecheckMs: 3_600_000 })
    const { hostId, log, connected } = await startHost(fleet, { site: 1 })
    const revoke = (body: object) => fleet.call('POST', `/api/v1/hosts/${hostId}/revoke-certificates`, body)
    expect((await revoke({ ...removal, name: 'web-2' })).json()).toMatchObject({
      type: '/problems/confirmation_mismatch',
    })
    expect(await connected()).toBe(true)
    expect((await revoke(removal)).status).toBe(204)
    await eventually('cut', async () => fleet.sites[1]?.agents.linkCount() === 0 && !(await connected()), 2000)
    await eventually('the agent knows why', () => log.some((line) => line.includes('was revoked')))
    expect(await fleet.audited('certificate.revoke')).toMatchObject([{ reason: 'sold', target: { id: hostId } }])
  })

  test('T18 a removed host is gone and cut off; one of the same name is another, with nothing of the old', async () => {
    const machineId = 'c'.repeat(64)
    const old = await startHost(fleet, { site: 1, labels: { env: 'prod' }, machineId })
    const remove = (id: string, body: object) => fleet.call('DELETE', `/api/v1/hosts/${id}`, body)
    const links = fleet.sites[1]?.agents.linkCount() ?? 0
    expect((await remove(old.hostId, { ...removal, name: '' })).status).toBe(409)
    expect((await remove(old.hostId, { name: 'web-1' })).status).toBe(400)
    expect((await remove(old.hostId, removal)).status).toBe(204)
    await eventually('cut', () => fleet.sites[1]?.agents.linkCount() === links - 1, 2000)
    for (const path of ['', '/identity', '/raw']) {
      expect((await fleet.call('GET', `/api/v1/hosts/${old.hostId}${path}`)).status).toBe(404)
    }
    expect((await remove(old.hostId, removal)).status).toBe(404)
    const [entry] = await fleet.audited('host.remove')
    expect(entry).toMatchObject({ target: { id: old.hostId, name: 'web-1' }, before: { labels: { env: 'prod' } } })

    const again = await startHost(fleet, { machineId })
    expect(again.hostId).not.toBe(old.hostId)
    expect((await fleet.call('GET', `/api/v1/hosts/${again.hostId}`)).json()).toMatchObject({ labels: {} })
  })

  test('T18 a host set up anew is recognised by its machine, or by its name, once the old one is silent', async () => {
    const machineId = 'd'.repeat(64)
    const old = await startHost(fleet, { labels: { env: 'prod' }, machineId })
    const anew = await startHost(fleet, { site: 1, machineId })
    const replaces = async () =>
      (await fleet.call('GET', `/api/v1/hosts/${anew.hostId}/identity`))
        .json<{ replaces: { id: string; by: string }[] }>()
        .replaces.find(({ id }) => id === old.hostId)
    expect(await replaces()).toBeUndefined()
    await old.end()
    await eventually('the old one is silent', async () => !(await old.connected()))
    expect(await replaces()).toMatchObject({ name: 'web-1', by: 'machine' })
    expect((await fleet.call('GET', `/api/v1/hosts/${anew.hostId}`)).json()).toMatchObject({ labels: {} })
    const other = await startHost(fleet)
    const identity = (await fleet.call('GET', `/api/v1/hosts/${other.hostId}/identity`)).json<{
      replaces: { id: string; by: string }[]
    }>()
    expect(identity.replaces).toContainEqual(expect.objectContaining({ id: old.hostId, by: 'name' }))
  })

  afterAll(() => fleet.end())
})

test('T17 with every notification lost, the periodic look cuts the link', async () => {
  const fleet = await createTestFleet(1, { certificateRecheckMs: 200 }, false)
  ends.push(() => fleet.end())
  const { hostId } = await startHost(fleet)
  expect((await fleet.call('DELETE', `/api/v1/hosts/${hostId}`, removal)).status).toBe(204)
  await eventually('cut', () => fleet.first.agents.linkCount() === 0)
})
