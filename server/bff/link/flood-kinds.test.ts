// Goal: whatever one host floods with, its link is closed and stays so for a while, and the others go on as if nothing were
// (T20). Method: the whole backend over PostgreSQL, two dozen hosts that the test speaks for, each kind of flood in turn.
import { generateKeyPairSync } from 'node:crypto'
import { FRAME_BYTES_MAX } from '@rebootless/shared/contract/agent-message.ts'
import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { ENROL_PATH } from '@rebootless/shared/domain/agent-link.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askForCertificate } from '../../agent/link/ask-for-certificate.ts'
import { dial } from '../../agent/link/dial.ts'
import { fetchPinnedAuthority } from '../../agent/link/pinned-authority.ts'
import { addressOf } from '../../agent/link/server-address.ts'
import { createTestFleet, enrolBody, type TestFleet } from '../enrolment/test-fleet.ts'
import { hashOf, patchedSnapshot } from '../ingest/test-messages.ts'
import { eventually, helloMessage } from './link-test-bench.ts'

const CALM_HOSTS = 24
const HEARTBEATS = 5

let fleet: TestFleet
let calm: Awaited<ReturnType<typeof linked>>[]
beforeAll(async () => {
  fleet = await createTestFleet(1)
  calm = await Promise.all(Array.from({ length: CALM_HOSTS }, (_, index) => linked(`calm-${index}`)))
})
afterAll(async () => {
  for (const { socket } of calm) socket.terminate()
  await fleet.end()
})

/** A host with an open link that has been greeted. */
const linked = async (hostName: string) => {
  const { token } = await fleet.token()
  const { server } = fleet.first
  const address = addressOf(server)
  const authority = await fetchPinnedAuthority(address, token.split('.')[2] ?? '')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const answer = await askForCertificate({ address, authority }, ENROL_PATH, enrolBody(privateKey, token, { hostName }))
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const identity = { ...answer, server, privateKey: key, enrolledAt: new Date().toISOString() }
  const socket = dial(identity)
  let acknowledged = 0
  let refusal: string | undefined
  socket.on('error', () => undefined)
  socket.on('message', (data) => {
    const { type, code } = JSON.parse(String(data))
    if (type === 'acknowledged') acknowledged += 1
    if (type === 'refused') refusal = code
  })
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  await new Promise((resolve) => socket.once('open', resolve))
  let sequence = 1
  const stamp = () => {
    sequence += 1
    return { epoch: 1, sequence, sentAt: new Date().toISOString() }
  }
  const say = (message: object) => socket.send(JSON.stringify(message))
  say(helloMessage(1, { protocol: 2, hostName }))
  await eventually('greeted', () => acknowledged === 1)
  return {
    ...{ hostId: answer.hostId, identity, socket, closed, stamp, say },
    refusal: () => refusal,
    async beat(): Promise<void> {
      const before = acknowledged
      say({ type: 'heartbeat', ...stamp(), snapshotHash: hashOf(1) })
      await eventually('a heartbeat is stored', () => acknowledged > before)
    },
  }
}
type Linked = Awaited<ReturnType<typeof linked>>

const hosts = async (): Promise<Map<string, HostSummary>> => {
  const { items } = (await fleet.call('GET', '/api/v1/hosts?limit=200')).json<{ items: HostSummary[] }>()
  return new Map(items.map((host) => [host.id, host]))
}

const FLOODS: Readonly<Record<string, (wild: Linked) => void>> = {
  heartbeats(wild) {
    for (let n = 0; n < 2000; n += 1) wild.say({ type: 'heartbeat', ...wild.stamp(), snapshotHash: hashOf(1) })
  },
  snapshots(wild) {
    const snapshot = patchedSnapshot({
      raw: Array.from({ length: 60 }, (_, index) => ({
        ...{ path: `/sys/${index}`, content: 'x'.repeat(16_000), errno: null, truncated: false },
      })),
    })
    for (let n = 0; n < 10; n += 1) {
      const text = JSON.stringify({ type: 'snapshot', ...wild.stamp(), hash: hashOf(n), snapshot })
      if (text.length > FRAME_BYTES_MAX) throw new Error('a snapshot that would be refused for its size alone')
      wild.socket.send(text)
    }
  },
  results(wild) {
    for (let n = 0; n < 2000; n += 1) {
      wild.say({
        ...{ type: 'result', ...wild.stamp(), commandId: crypto.randomUUID(), state: 'done', code: null, detail: '' },
        at: new Date().toISOString(),
      })
    }
  },
  // Too cheap for us to answer each with words: the link is just cut.
  pings(wild) {
    for (let n = 0; n < 2000; n += 1) wild.socket.ping()
  },
}

test.each(Object.entries(FLOODS))(
  'T20 a flood of %s ends its own link, for a while, and no other',
  async (name, flood) => {
    const wild = await linked('wild')
    const before = new Date()
    flood(wild)
    await Promise.all(
      calm.map(async (host) => {
        for (let n = 0; n < HEARTBEATS; n += 1) await host.beat()
      }),
    )
    expect(await wild.closed).toBe(name === 'pings' ? 1006 : 1008)
    if (name !== 'pings') expect(wild.refusal()).toBe('flooding')

    const again = dial(wild.identity)
    const status = await new Promise((resolve) => {
      again.once('open', () => resolve('let in'))
      again.once('unexpected-response', (_request, response) => resolve(response.statusCode))
      again.once('error', () => undefined)
    })
    again.terminate()
    expect(status).toBe(429)

    const shown = await hosts()
    for (const { hostId, socket } of calm) {
      expect(socket.readyState).toBe(socket.OPEN)
      const host = shown.get(hostId)
      expect(host).toMatchObject({ connected: true })
      expect(Date.parse(host?.lastSeenAt ?? '')).toBeGreaterThanOrEqual(before.getTime())
    }
    await eventually('it is shown as gone', async () => (await hosts()).get(wild.hostId)?.connected === false)
  },
)
