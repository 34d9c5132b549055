// Goal: a host without a token gets in by a person who compared its key, and by nothing else. Method: the agent's own
// enrolment against two backends with real TLS, on one PostgreSQL; the routes that people use.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WaitingHost } from '@rebootless/shared/contract/waiting-room.ts'
import { keyFingerprintText } from '@rebootless/shared/domain/key-fingerprint.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSystemClock } from '../../agent/kernel/system-clock.ts'
import { enrolByAsking, parseAuthorityFingerprint } from '../../agent/link/ask-to-be-let-in.ts'
import { eventually } from '../link/link-test-bench.ts'
import { createTestFleet, type TestFleet } from './test-fleet.ts'

const system = createSystemClock()
/** Waits are a twentieth of what they say. */
const clock = { ...system, sleep: (ms: number, signal?: AbortSignal) => system.sleep(ms / 20, signal) }
let fleet: TestFleet
let dataDirectory: string
beforeAll(async () => {
  fleet = await createTestFleet(2)
})
afterAll(() => fleet.end())
beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'rebootless-agent-'))
})
afterEach(() => rm(dataDirectory, { recursive: true, force: true }))

const ask = async (hostName: string, site = 0, change: object = {}) => {
  const { authorityFingerprint } = (await fleet.call('GET', '/api/v1/enrolment')).json<{
    authorityFingerprint: string
  }>()
  const stop = new AbortController()
  let shown = ''
  const entering = enrolByAsking({
    ...{ server: fleet.sites[site]?.server ?? '', authorityPin: parseAuthorityFingerprint(authorityFingerprint) ?? '' },
    ...{ dataDirectory, hostName, clock, signal: stop.signal, machineId: 'a'.repeat(64) },
    onWaiting: (fingerprint) => {
      shown = fingerprint
    },
    ...change,
  })
  entering.catch(() => undefined)
  return { entering, stop, shown: () => shown }
}
const waiting = async (name: string) => {
  const { items } = (await fleet.call('GET', '/api/v1/waiting-room')).json<{ items: WaitingHost[] }>()
  return items.map((item) => WaitingHost.parse(item)).find((item) => item.name === name)
}

describe('T16 a host without a token', () => {
  test('shows the fingerprint of its key, is let in with the labels of who approved, and says it on both sides', async () => {
    const { entering, shown } = await ask('waits-1')
    await eventually('it waits', async () => (await waiting('waits-1')) !== undefined && shown() !== '')
    const host = await waiting('waits-1')
    expect(shown()).toBe(keyFingerprintText(host?.keyFingerprint ?? ''))
    expect(host).toMatchObject({ state: 'waiting', address: '127.0.0.1' })

    const approve = (fingerprintEnd: string) =>
      fleet.call('POST', `/api/v1/waiting-room/${host?.id}/approve`, { fingerprintEnd, labels: { rack: 'r1' } })
    for (const wrong of ['', 'aaaa aaaa', shown().slice(0, 9), shown().slice(-4), `x${shown().slice(-9)}`]) {
      expect((await approve(wrong)).json()).toMatchObject({ type: '/problems/confirmation_mismatch', status: 409 })
    }
    expect((await approve(shown().slice(-9).toUpperCase())).status).toBe(204)
    const identity = await entering
    const found = await fleet.call('GET', `/api/v1/hosts/${identity.hostId}`)
    expect(found.json()).toMatchObject({ name: 'waits-1', labels: { rack: 'r1' } })
    const own = await fleet.call('GET', `/api/v1/hosts/${identity.hostId}/identity`)
    expect(own.json()).toMatchObject({ enrolledBy: 'admin', keyFingerprint: host?.keyFingerprint, machineKnown: true })
    expect(await waiting('waits-1')).toBeUndefined()
    expect((await readdir(dataDirectory)).sort()).toEqual(['epoch', 'identity.json'])
    expect(await fleet.audited('waiting_host.approve')).toMatchObject([{ target: { name: 'waits-1' } }])
    expect((await approve(shown().slice(-9))).json()).toMatchObject({ type: '/problems/waiting_host_not_found' })
  })

  test('that is turned away is told so, and stays away while it asks with that key', async () => {
    const { entering } = await ask('waits-2', 1)
    await eventually('it waits', async () => (await waiting('waits-2')) !== undefined)
    const id = (await waiting('waits-2'))?.id
    expect((await fleet.call('POST', `/api/v1/waiting-room/${id}/deny`, { reason: 'unknown here' })).status).toBe(204)
    await expect(entering).rejects.toMatchObject({ problem: 'enrolment_denied' })
    await expect((await ask('waits-2')).entering).rejects.toMatchObject({ problem: 'enrolment_denied' })
    expect(await fleet.audited('waiting_host.deny')).toMatchObject([{ reason: 'unknown here' }])
    expect(await fleet.audited('host.enrol')).toContainEqual(expect.objectContaining({ problem: 'enrolment_denied' }))
  })

  test('that is stopped and started again is the same host, by the same key', async () => {
    const one = await ask('waits-3')
    await eventually('it waits', () => one.shown() !== '')
    one.stop.abort()
    await expect(one.entering).rejects.toMatchObject({ code: 'refused' })
    const two = await ask('waits-3', 1)
    await eventually('it waits again', () => two.shown() !== '')
    expect(two.shown()).toBe(one.shown())
    two.stop.abort()
    await expect(two.entering).rejects.toThrow()
  })

  test('whose answer was lost gets another certificate for the same host, and one that was removed none', async () => {
    const { enrolmentStore } = fleet.first.backend
    const keyFingerprint = 'b'.repeat(64)
    let made = 0
    const again = () =>
      enrolmentStore.ask({
        who: { name: 'waits-4', address: '10.0.0.4' },
        keyFingerprint,
        certify: async () => {
          made += 1
          return { fingerprint: `${made}`.repeat(64), expiresAt: new Date(Date.now() + 60_000) }
        },
        now: new Date(),
      })
    expect(await again()).toMatchObject({ state: 'waiting' })
    const id = (await waiting('waits-4'))?.id
    const fingerprintEnd = keyFingerprintText(keyFingerprint).slice(-9)
    await fleet.call('POST', `/api/v1/waiting-room/${id}/approve`, { fingerprintEnd })
    const [one, two] = [await again(), await again()]
    expect(two).toEqual(one)
    const hosts = await fleet.database.kysely.selectFrom('hosts').select('id').where('name', '=', 'waits-4').execute()
    expect(hosts).toHaveLength(1)
    await fleet.database.kysely.deleteFrom('hosts').where('name', '=', 'waits-4').execute()
    expect(await again()).toEqual({ state: 'denied' })
  })

  test('is asked for the fingerprint of the authority, and sends nothing to a server that has another', async () => {
    const wrong = { authorityPin: Buffer.alloc(32, 9).toString('base64url') }
    await expect((await ask('waits-5', 0, wrong)).entering).rejects.toMatchObject({ code: 'server_not_pinned' })
    expect(await waiting('waits-5')).toBeUndefined()
  })

  test('of one place at most twenty wait and in all a hundred, and each is forgotten after an hour', async () => {
    const { enrolmentStore } = fleet.first.backend
    const now = new Date(Date.now() + 24 * 60 * 60_000) // beyond those before
    const enter = (n: number, address: string, at = now) =>
      enrolmentStore.ask({
        who: { name: `many-${n}`, address },
        keyFingerprint: n.toString(16).padStart(64, '0'),
        certify: () => Promise.reject(new Error('nobody was let in')),
        now: at,
      })
    const states = async (asked: Promise<{ state: string }>[]) => (await Promise.all(asked)).map(({ state }) => state)
    const near = await states(Array.from({ length: 30 }, (_, n) => enter(n, `2001:db8:0:1::${n}`)))
    expect(near.filter((state) => state === 'waiting')).toHaveLength(20)
    expect(near.filter((state) => state === 'full')).toHaveLength(10)
    const far = await states(Array.from({ length: 100 }, (_, n) => enter(100 + n, `10.0.0.${n}`)))
    expect(far.filter((state) => state === 'waiting')).toHaveLength(80)
    const later = new Date(now.getTime() + 60 * 60_000)
    expect(await enter(999, '10.9.9.9', later)).toMatchObject({ state: 'waiting' })
    const left = await fleet.database.kysely.selectFrom('enrolment_requests').select('host_name').execute()
    expect(left).toEqual([{ host_name: 'many-999' }])
  })
})

test.each([
  ['ab'.repeat(32), Buffer.alloc(32, 0xab).toString('base64url')],
  [Array(32).fill('AB').join(':'), Buffer.alloc(32, 0xab).toString('base64url')],
  [Buffer.alloc(32, 0xab).toString('base64url'), Buffer.alloc(32, 0xab).toString('base64url')],
  ['ab', undefined],
  ['', undefined],
])('a fingerprint is read as openssl and the page write it: %s', (text, pin) => {
  expect(parseAuthorityFingerprint(text)).toBe(pin)
})
