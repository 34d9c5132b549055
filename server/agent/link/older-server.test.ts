// Goal: an agent of today works with a server of protocol 1, and is one of today again once the server is. Method: a TLS
// server that takes messages exactly as the release before did, and says no to whatever it does not know.
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hello, SnapshotMessage } from '@rebootless/shared/contract/agent-message.ts'
import { EnrolRequest, RenewRequest } from '@rebootless/shared/contract/enrolment.ts'
import { KernelFacts } from '@rebootless/shared/contract/kernel.ts'
import { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import { ENROL_PATH } from '@rebootless/shared/domain/agent-link.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { createLinkBench, eventually, type LinkBench, sampleSnapshot } from '../../bff/link/link-test-bench.ts'
import { createSystemClock } from '../kernel/system-clock.ts'
import { runAgent } from '../run-agent.ts'
import { ensureEnrolled } from './enrol.ts'
import { readIdentity, writeIdentity } from './identity.ts'
import { learnAuthorities, renewIdentity } from './renew.ts'

const clock = createSystemClock()
const EnrolRequestOf1 = EnrolRequest.omit({ protocol: true, machineId: true })
const RenewRequestOf1 = RenewRequest.omit({ protocol: true, authorities: true })
const HelloOf1 = Hello.omit({ policy: true, machineId: true, auditHead: true })
const SnapshotOf1 = SnapshotMessage.extend({
  snapshot: Snapshot.extend({ kernel: KernelFacts.omit({ buildId: true }) }),
})

let bench: LinkBench
let dataDirectory: string
const stops: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  bench = await createLinkBench()
  dataDirectory = await mkdtemp(join(tmpdir(), 'rebootless-agent-'))
})
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  await bench.end()
  await rm(dataDirectory, { recursive: true, force: true })
})

/** What it was asked and told, in order. `refusal`: how it refuses a hello of another protocol. */
const olderServer = async (refusal: 'agent_frame_invalid' | 'protocol_unsupported') => {
  const own = await bench.authority.issueServerCertificate(new Date())
  const cert = `${own.certificatePem}\n${bench.authority.certificatePem}`
  const bodies: { taken: boolean; keys: string[] }[] = []
  const hellos: number[] = []
  const snapshotsTaken: boolean[] = []
  const server = createServer({ key: own.privateKeyPem, cert, minVersion: 'TLSv1.3' }, async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const body: unknown = JSON.parse(text)
    const schema = request.url === ENROL_PATH ? EnrolRequestOf1 : RenewRequestOf1
    const taken = schema.safeParse(body).success
    bodies.push({ taken, keys: Object.keys(body as object) })
    const [status, answer] = taken
      ? [201, await certify(body as { certificateRequest: string })]
      : [
          400,
          { type: '/problems/body_invalid', title: 'x', status: 400, detail: 'It does not follow.', requestId: 'r' },
        ]
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer))
  })
  const { publicKeyOfRequest } = await import('../../bff/link/certificate-request.ts')
  const hostId = crypto.randomUUID()
  const certify = async ({ certificateRequest }: { certificateRequest: string }) => {
    const publicKey = await publicKeyOfRequest(certificateRequest)
    const issued = await bench.authority.issueAgentCertificate({ hostId, publicKey, now: new Date() })
    const { certificatePem: certificateAuthority } = bench.authority
    return {
      hostId,
      certificate: issued.certificatePem,
      certificateAuthority,
      expiresAt: issued.expiresAt.toISOString(),
    }
  }
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => {
    socket.on('message', (data) => {
      const message = JSON.parse(String(data))
      if (message.type === 'snapshot') snapshotsTaken.push(SnapshotOf1.safeParse(message).success)
      if (message.type !== 'hello') return
      hellos.push(message.protocol)
      if (!HelloOf1.safeParse(message).success || message.protocol !== 1) {
        socket.send(JSON.stringify({ type: 'refused', code: refusal, detail: 'It is not known here.' }))
        return socket.close(1008)
      }
      const serverTime = new Date().toISOString()
      socket.send(
        JSON.stringify({
          type: 'welcome',
          serverTime,
          helloSentAt: message.sentAt,
          heartbeatIntervalMs: 1000,
          epochSeen: null,
        }),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(async () => {
    for (const socket of sockets.clients) socket.terminate()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const cutAll = () => {
    for (const socket of sockets.clients) socket.terminate()
  }
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies, hellos, snapshotsTaken, cutAll }
}

const enrolAt = async (url: string) =>
  ensureEnrolled({
    ...{ server: url, token: await bench.token(), dataDirectory, hostName: 'host-a', now: clock.now },
    ...{ origin: 'agent' as const, machineId: 'a'.repeat(64) },
  })

test('T21 enrols and renews at a server that refuses what it does not know', async () => {
  const older = await olderServer('agent_frame_invalid')
  const identity = await enrolAt(older.url)
  expect(identity.server).toBe(older.url)
  expect(identity.certificateAuthority.trim()).toBe(bench.authority.certificatePem.trim())
  expect(identity.commandKey).toBeUndefined()
  const renewed = await renewIdentity(dataDirectory, identity)
  expect(renewed.certificate).not.toBe(identity.certificate)
  expect(await readIdentity(dataDirectory)).toEqual(renewed)
  expect(older.bodies.map(({ taken }) => taken)).toEqual([false, true, false, true])
})

test.each(['agent_frame_invalid', 'protocol_unsupported'] as const)(
  'T21 links at once as of protocol 1 where the server says %s, and asks for today’s at each new link',
  async (refusal) => {
    const older = await olderServer(refusal)
    await enrolAt(older.url)
    const stop = new AbortController()
    const events: string[] = []
    const snapshot = { ...sampleSnapshot(), kernel: { ...sampleSnapshot().kernel, buildId: 'ab'.repeat(20) } }
    const running = runAgent({
      observer: {
        current: async () => snapshot,
        async run(listener, signal) {
          listener.snapshot(snapshot, '0'.repeat(64))
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
        },
      },
      ...{ clock, dataDirectory, hostName: 'host-a', origin: 'agent' as const, signal: stop.signal, random: () => 0 },
      machineId: async () => 'a'.repeat(64),
      log: { info: (text) => events.push(text), warn: () => {} },
    })
    stops.unshift(async () => {
      stop.abort()
      await running
    })
    await eventually('connected', () => events.length === 1)
    expect(older.hellos).toEqual([5, 4, 3, 2, 1])
    await eventually('its snapshot came', () => older.snapshotsTaken.length > 0)
    expect(older.snapshotsTaken).not.toContain(false)
    older.cutAll()
    await eventually('today’s is asked for again', () => older.hellos.length >= 6)
    expect(older.hellos[5]).toBe(5)
  },
)

test('T20 what is no certificate is not taken for an authority, and changes of the identity do not undo each other', async () => {
  const identity = await ensureEnrolled({
    ...{ server: bench.url, token: await bench.token(), dataDirectory, hostName: 'host-a', now: clock.now },
    origin: 'agent',
  })
  await expect(learnAuthorities(dataDirectory, ['-----BEGIN CERTIFICATE-----\nnonsense'])).rejects.toThrow()
  expect(await readIdentity(dataDirectory)).toEqual(identity)

  const next = await bench.authorities.make(new Date())
  const both = bench.authorities.trusted().map(({ certificatePem }) => certificatePem)
  const [renewed] = await Promise.all([renewIdentity(dataDirectory, identity), learnAuthorities(dataDirectory, both)])
  const kept = await readIdentity(dataDirectory)
  expect(kept).toMatchObject({ certificate: renewed.certificate, privateKey: renewed.privateKey })
  expect(kept?.certificateAuthorities).toContain(next.certificatePem)
  await writeIdentity(dataDirectory, { ...identity, hostId: crypto.randomUUID() })
  expect(await learnAuthorities(dataDirectory, both)).toBe(true)
})
