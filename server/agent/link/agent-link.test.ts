// Goal: a host enrols, stays linked, and loses nothing whatever happens to the other end. Method: the agent's library
// against the backend's real port on loopback over an in-memory store; the observer is a hand that pushes.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import { RENEW_PATH } from '@rebootless/shared/domain/agent-link.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { createLinkBench, eventually, type LinkBench, sampleSnapshot } from '../../bff/link/link-test-bench.ts'
import { createSystemClock } from '../kernel/system-clock.ts'
import type { HostObserver, ObserverListener } from '../observer.ts'
import { type RunAgentOptions, runAgent } from '../run-agent.ts'
import { askForCertificate } from './ask-for-certificate.ts'
import { certificateRequest } from './certificate-request.ts'
import { ensureEnrolled } from './enrol.ts'
import { type AgentIdentity, readIdentity } from './identity.ts'
import { renewalDueAt, renewIdentity } from './renew.ts'
import { addressOf } from './server-address.ts'
import { readStatus } from './status-file.ts'

const clock = createSystemClock()
const hash = (digit: string) => digit.repeat(64)
const sample = (tasksRemaining: number): TransitionSample => ({
  patch: 'lp_a',
  target: 'patching',
  startedAt: '2026-11-25T00:00:00.000Z',
  sampledAt: new Date().toISOString(),
  tasksTotal: 100,
  tasksRemaining,
  signalledAt: null,
  forcedAt: null,
  blocking: [],
  blockingTotal: 0,
  tasksUnreadable: 0,
})

/** An observer that says what the test says. */
const handObserver = (first: Snapshot = sampleSnapshot()) => {
  let listener: ObserverListener | undefined
  const observer: HostObserver = {
    current: async () => first,
    async run(given, signal) {
      listener = given
      given.snapshot(first, hash('0'))
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    },
  }
  return {
    observer,
    snapshot: (digit: string, change: Partial<Snapshot> = {}) =>
      listener?.snapshot(sampleSnapshot(change), hash(digit)),
    transition: (tasksRemaining: number | null) =>
      listener?.transition(tasksRemaining === null ? null : sample(tasksRemaining)),
  }
}

let bench: LinkBench
let dataDirectory: string
const stops: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  bench = await createLinkBench({ heartbeatIntervalMs: 100, pingIntervalMs: 1000, certificateRecheckMs: 100 })
  dataDirectory = await mkdtemp(join(tmpdir(), 'rebootless-agent-'))
})
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
  await bench.end()
  await rm(dataDirectory, { recursive: true, force: true })
})

const enrolOptions = async (token?: string) => ({
  server: bench.url,
  token: token ?? (await bench.token()),
  dataDirectory,
  hostName: 'host-a',
  origin: 'agent' as const,
  now: clock.now,
})
const start = (hand: ReturnType<typeof handObserver>, change: Partial<RunAgentOptions> = {}) => {
  const stop = new AbortController()
  const log: string[] = []
  const note = (text: string) => void log.push(text)
  const running = runAgent({
    observer: hand.observer,
    clock,
    dataDirectory,
    hostName: 'host-a',
    origin: 'agent',
    signal: stop.signal,
    log: { info: note, warn: note },
    random: () => 0.1,
    ...change,
  })
  const end = async () => {
    stop.abort()
    await running
  }
  stops.push(end)
  return { end, log }
}
const latest = (hostId: string) => bench.memory.host(hostId).latest

describe('enrolment', () => {
  test('T16 the key is born here, 0600, and never sent; enrolling twice changes nothing', async () => {
    const identity = await ensureEnrolled(await enrolOptions())
    const path = join(dataDirectory, 'identity.json')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readFile(path, 'utf8')).toContain('PRIVATE KEY')
    expect(await ensureEnrolled({ ...(await enrolOptions()), token: 'unused' })).toEqual(identity)
    expect((await readdir(dataDirectory)).sort()).toEqual(['epoch', 'identity.json'])
  })

  test('T15 a used token, an altered pin, a token that is none, and a dead port each say what is wrong', async () => {
    const token = await bench.token()
    const [prefix, secret, pin = ''] = token.split('.')
    await ensureEnrolled(await enrolOptions(token))
    const again = { ...(await enrolOptions(token)), force: true }
    await expect(ensureEnrolled(again)).rejects.toMatchObject({ code: 'refused', message: /unknown, used/ })
    const otherPin = `${pin[0] === 'A' ? 'B' : 'A'}${pin.slice(1)}`
    await expect(ensureEnrolled({ ...again, token: `${prefix}.${secret}.${otherPin}` })).rejects.toMatchObject({
      code: 'server_not_pinned',
    })
    await expect(ensureEnrolled({ ...again, token: 'hello' })).rejects.toMatchObject({ code: 'token_malformed' })
    await expect(ensureEnrolled({ ...again, server: 'ftp://x' })).rejects.toMatchObject({
      code: 'server_address_invalid',
    })
    await expect(ensureEnrolled({ ...again, server: 'https://127.0.0.1:1' })).rejects.toMatchObject({
      code: 'server_unreachable',
    })
  })

  test('T16 a server that shows the pinned authority but has no certificate from it never sees the token', async () => {
    const host = await bench.enrolledHost()
    let requests = 0
    const impostor = createServer(
      { key: host.key, cert: `${host.cert}\n${bench.authority.certificatePem}`, minVersion: 'TLSv1.3' },
      () => {
        requests += 1
      },
    )
    await new Promise<void>((resolve) => impostor.listen(0, '127.0.0.1', resolve))
    const { port } = impostor.address() as { port: number }
    const options = { ...(await enrolOptions()), server: `https://127.0.0.1:${port}` }
    await expect(ensureEnrolled(options)).rejects.toMatchObject({ code: 'server_unreachable' })
    expect(requests).toBe(0)
    impostor.closeAllConnections()
    await new Promise((resolve) => impostor.close(resolve))
  })
})

describe('link', () => {
  test('hello, snapshot, heartbeat, transition arrive, and the newest of each is what stays', async () => {
    const { hostId } = await ensureEnrolled(await enrolOptions())
    const hand = handObserver()
    start(hand)
    await eventually('snapshot', () => latest(hostId).snapshot?.hash === hash('0'))
    await eventually('heartbeat', () => latest(hostId).heartbeat?.snapshotHash === hash('0'))
    expect(latest(hostId).hello).toMatchObject({ epoch: 1, hostName: 'host-a', bootId: 'b1', hostClass: 'observe' })
    expect(latest(hostId).transition?.sample).toBeNull()
    await clock.sleep(300) // some heartbeats
    expect(bench.memory.applied.filter((entry) => entry.message.type === 'snapshot')).toHaveLength(1)
    hand.snapshot('1')
    hand.transition(5)
    await eventually('new snapshot', () => latest(hostId).snapshot?.hash === hash('1'))
    await eventually('sample', () => latest(hostId).transition?.sample?.tasksRemaining === 5)
    await eventually('status', async () => (await readStatus(dataDirectory))?.state === 'connected')
    const status = await readStatus(dataDirectory)
    expect(Math.abs(status?.clockSkewMs ?? 1e9)).toBeLessThan(1000)
  })

  test('of many samples at most one a second goes out, and the last of them does', async () => {
    const { hostId } = await ensureEnrolled(await enrolOptions())
    const hand = handObserver()
    start(hand)
    await eventually('linked', () => latest(hostId).transition !== undefined)
    for (let at = 40; at > 0; at -= 1) {
      hand.transition(at)
      await clock.sleep(30)
    }
    hand.transition(null)
    await eventually('the end', () => latest(hostId).transition?.sample === null)
    const sent = bench.memory.applied.filter((entry) => entry.message.type === 'transition')
    expect(sent.length).toBeGreaterThan(1)
    expect(sent.length).toBeLessThanOrEqual(4)
  })

  test('a server that is slow to store gets fewer samples, not a queue of them', async () => {
    const { hostId } = await ensureEnrolled(await enrolOptions())
    const hand = handObserver()
    start(hand)
    await eventually('linked', () => latest(hostId).transition !== undefined)
    const release = bench.memory.hold()
    for (const remaining of [9, 8, 7]) {
      hand.transition(remaining)
      await clock.sleep(1100)
    }
    release()
    await eventually('the last', () => latest(hostId).transition?.sample?.tasksRemaining === 7)
    const told = bench.memory.applied.flatMap(({ message }) => (message.type === 'transition' ? [message.sample] : []))
    expect(told.map((one) => one?.tasksRemaining)).toEqual([undefined, 9, 7])
  })

  test('the server dies and comes back: what was said meanwhile arrives, numbers rise', async () => {
    const { hostId } = await ensureEnrolled(await enrolOptions())
    const hand = handObserver()
    start(hand)
    await eventually('snapshot', () => latest(hostId).snapshot !== undefined)
    const { port } = bench.server
    await bench.stop()
    hand.snapshot('2')
    hand.transition(7)
    await bench.restart(port)
    await eventually('snapshot', () => latest(hostId).snapshot?.hash === hash('2'))
    await eventually('sample', () => latest(hostId).transition?.sample?.tasksRemaining === 7)
    const numbers = bench.memory.applied.map((entry) => entry.message)
    for (const kind of ['hello', 'snapshot', 'heartbeat', 'transition']) {
      const ofKind = numbers.filter((message) => message.type === kind).map((message) => message.sequence)
      expect(ofKind).toEqual([...ofKind].sort((a, b) => a - b))
      expect(new Set(ofKind).size).toBe(ofKind.length)
    }
  })

  test('what the store could not take is sent again', async () => {
    const { hostId } = await ensureEnrolled(await enrolOptions())
    const hand = handObserver()
    start(hand)
    await eventually('linked', () => latest(hostId).snapshot !== undefined)
    bench.memory.fail(new Error('disk full'))
    hand.snapshot('3')
    await clock.sleep(300)
    expect(latest(hostId).snapshot?.hash).toBe(hash('0'))
    bench.memory.fail(undefined)
    await eventually('snapshot', () => latest(hostId).snapshot?.hash === hash('3'))
  })

  test('a server that lost its snapshot gets it again', async () => {
    const { hostId } = await ensureEnrolled(await enrolOptions())
    start(handObserver())
    await eventually('snapshot', () => latest(hostId).snapshot !== undefined)
    const before = latest(hostId).snapshot?.sequence ?? 0
    delete latest(hostId).snapshot
    await eventually('again', () => (latest(hostId).snapshot?.sequence ?? 0) > before)
  })

  test('T19 each start has a higher epoch, on the disk before it is used', async () => {
    const { hostId } = await ensureEnrolled(await enrolOptions())
    for (const epoch of [1, 2, 3]) {
      const { end } = start(handObserver())
      await eventually('hello', () => latest(hostId).hello?.epoch === epoch)
      expect(await readFile(join(dataDirectory, 'epoch'), 'utf8')).toBe(`${epoch}\n`)
      await end()
    }
  })

  test('a revoked host waits and says why; with tokens at hand it enrols anew', async () => {
    const { hostId } = await ensureEnrolled(await enrolOptions())
    const { end } = start(handObserver())
    await eventually('linked', () => latest(hostId).snapshot !== undefined)
    bench.memory.revoke(hostId)
    await eventually('waiting', async () => (await readStatus(dataDirectory))?.state === 'waiting')
    expect((await readStatus(dataDirectory))?.reason).toMatch(/revoked/)
    await end()
    start(handObserver(), { token: bench.token })
    await eventually('another host', () =>
      bench.memory.hostIds().some((id) => id !== hostId && latest(id).snapshot !== undefined),
    )
  })

  test('a snapshot that no frame can hold is cut, of one that breaks the contract the rest is sent, and both are said', async () => {
    const { hostId } = await ensureEnrolled(await enrolOptions())
    const hand = handObserver()
    const { log } = start(hand)
    await eventually('linked', () => latest(hostId).snapshot !== undefined)
    const file = { path: '/proc/x', content: 'x'.repeat(16_384), errno: null, truncated: false }
    hand.snapshot('4', { raw: Array.from({ length: 100 }, () => file) })
    await eventually('cut snapshot', () => latest(hostId).snapshot?.hash === hash('4'))
    expect(latest(hostId).snapshot?.snapshot.raw[0]?.content).toHaveLength(1024)
    hand.snapshot('5', { hostName: 'x'.repeat(300) })
    await eventually('the rest', () => latest(hostId).snapshot?.hash === hash('5'))
    await eventually('confirmed', () => latest(hostId).heartbeat?.snapshotHash === hash('5'))
    expect(latest(hostId).snapshot?.snapshot).toMatchObject({ hostName: 'unknown', unreadable: [{ path: 'snapshot' }] })
    expect(log.join('\n')).toMatch(/sent without[\s\S]*breaks the contract at "hostName"/)
  })

  test('a reading of which nothing can be sent ends the word on the one before', async () => {
    const { hostId } = await ensureEnrolled(await enrolOptions())
    const hand = handObserver()
    start(hand)
    await eventually('confirmed', () => latest(hostId).heartbeat?.snapshotHash === hash('0'))
    hand.snapshot('1', { takenAt: 'yesterday' })
    await clock.sleep(150) // what was on its way has come
    const { sequence } = latest(hostId).heartbeat ?? {}
    await clock.sleep(350) // some heartbeats
    expect(latest(hostId).heartbeat?.sequence).toBe(sequence)
    hand.snapshot('2')
    await eventually('again', () => latest(hostId).heartbeat?.snapshotHash === hash('2'))
  })

  test('T21 a clock more than 5 minutes off is said', async () => {
    await ensureEnrolled(await enrolOptions())
    const ahead = { ...clock, now: () => Date.now() + 600_000 }
    const { log } = start(handObserver(), { clock: ahead })
    await eventually('warning', () => log.some((line) => /the clock of this host is 600 s off/.test(line)))
  })

  test('several agents run in one process, each as its own host', async () => {
    const ids: string[] = []
    for (const name of ['one', 'two', 'three']) {
      const own = join(dataDirectory, name)
      const options = { ...(await enrolOptions()), dataDirectory: own, hostName: name, origin: 'recorded' as const }
      ids.push((await ensureEnrolled(options)).hostId)
      start(handObserver(), { dataDirectory: own, hostName: name, origin: 'recorded' })
    }
    await eventually('all linked', () => ids.every((id) => latest(id).snapshot !== undefined))
    expect(ids.map((id) => latest(id).hello?.hostName)).toEqual(['one', 'two', 'three'])
    expect(bench.server.linkCount()).toBe(3)
  })
})

describe('T17 renewal', () => {
  const hostOf = async ({ certificate }: AgentIdentity) =>
    (await bench.memory.store.certifiedHost(fingerprint(certificate)))?.hostId

  const fingerprint = (pem: string) => new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase()

  test('T17 100 renewals, one answer lost, no gap; the old certificate ends when the new one is used', async () => {
    let identity = await ensureEnrolled(await enrolOptions())
    const { store } = bench.memory
    const opens = async (who: AgentIdentity) => {
      const link = bench.open({ key: who.privateKey, cert: who.certificate })
      const opened = await link.opened
      link.socket.terminate()
      return opened
    }
    for (let at = 0; at < 100; at += 1) {
      const old = identity
      if (at === 50) {
        await renewIdentity(join(dataDirectory, 'lost'), old) // certified, and never seen by the agent
        expect(await opens(old)).toBe(true)
      }
      identity = await renewIdentity(dataDirectory, old)
      expect(identity.privateKey).not.toBe(old.privateKey)
      expect(await hostOf(old)).toBe(identity.hostId)
      if (at % 10 !== 0) await store.certificateUsed?.(fingerprint(identity.certificate), new Date())
      else expect(await opens(identity)).toBe(true)
      expect(await hostOf(old)).toBeUndefined()
      if (at % 10 === 0) expect(await opens(old)).toBe(false)
    }
    expect(bench.memory.hostIds()).toEqual([identity.hostId])
    expect(identity.commandKey).toBe(bench.commandKey.publicKey)
  })

  test('T17 it is due at two thirds of the life, and the open link changes over', async () => {
    const identity = await ensureEnrolled(await enrolOptions())
    const daysLeft = (Date.parse(identity.expiresAt) - renewalDueAt(identity.certificate)) / 86_400_000
    expect(daysLeft).toBeCloseTo(7 / 3, 2)
    const { hostId } = identity
    const late = { ...clock, now: () => Date.now() + 5 * 86_400_000 }
    start(handObserver(), { clock: late })
    await eventually('renewed', async () => (await readIdentity(dataDirectory))?.certificate !== identity.certificate)
    await eventually('old one ended', async () => (await hostOf(identity)) === undefined)
    await eventually('linked again', () => bench.memory.host(hostId).linkId !== undefined)
    expect(bench.memory.hostIds()).toEqual([hostId])
  })

  test('T17 no renewal without a certificate, with a revoked one, or for the old key', async () => {
    const identity = await ensureEnrolled(await enrolOptions())
    const server = { address: addressOf(identity.server), authority: identity.certificateAuthority }
    const own = { key: identity.privateKey, cert: identity.certificate }
    const request = { certificateRequest: certificateRequest(createPrivateKey(identity.privateKey)) }
    await expect(askForCertificate(server, RENEW_PATH, request)).rejects.toThrow(/client certificate is missing/)
    await expect(askForCertificate({ ...server, own }, RENEW_PATH, request)).rejects.toThrow(/The key is the old one/)
    bench.memory.revoke(identity.hostId)
    await expect(renewIdentity(dataDirectory, identity)).rejects.toMatchObject({ code: 'refused', message: /revoked/ })
  })
})

describe('T19 an epoch that went back', () => {
  /** A server that has seen an epoch, and takes down what it hears. */
  const seeing = async (epochSeen: number | undefined, port: number) => {
    const own = await bench.authority.issueServerCertificate(new Date())
    const server = createServer({ key: own.privateKeyPem, cert: own.certificatePem, minVersion: 'TLSv1.3' })
    const heard: { type: string; epoch: number }[] = []
    new WebSocketServer({ server }).on('connection', (socket) => {
      socket.on('message', (data) => {
        const message = JSON.parse(String(data))
        heard.push({ type: message.type, epoch: message.epoch })
        const times = { serverTime: message.sentAt, helloSentAt: message.sentAt }
        if (message.type === 'hello')
          socket.send(JSON.stringify({ type: 'welcome', ...times, heartbeatIntervalMs: 100, epochSeen }))
      })
    })
    await bench.stop()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    stops.push(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await bench.restart(port)
    })
    return heard
  }

  test.each([
    ['ahead of ours', 41, 42],
    ['as ours, of a run that was undone', 1, 2],
    ['none', undefined, 1],
    ['behind ours', 0, 1],
    ['beyond belief', 2 ** 53 - 1, 1],
  ])('T19 seen is %s: all that follows is newer', async (_name, epochSeen, expected) => {
    const identity = await ensureEnrolled(await enrolOptions())
    const heard = await seeing(epochSeen, Number(new URL(identity.server).port))
    start(handObserver())
    await eventually('heartbeat', () => heard.some(({ type }) => type === 'heartbeat'))
    const said = heard.filter(({ type }) => type !== 'hello')
    expect(new Set(said.map(({ epoch }) => epoch))).toEqual(new Set([expected]))
    expect(said.map(({ type }) => type)).toEqual(expect.arrayContaining(['snapshot', 'transition', 'heartbeat']))
    expect(await readFile(join(dataDirectory, 'epoch'), 'utf8')).toBe(`${expected}\n`)
  })
})

describe('T20 a server gone wild', () => {
  const welcome = { type: 'welcome', serverTime: new Date().toISOString(), helloSentAt: new Date().toISOString() }
  test.each<[string, (string | Buffer)[], number]>([
    ['not JSON', ['{'], 1008],
    ['an unknown message', ['{"type":"run","program":"/bin/sh"}'], 1008],
    ['an unknown key', [JSON.stringify({ ...welcome, heartbeatIntervalMs: 1000, class: 'lab' })], 1008],
    ['a heartbeat interval of nothing', [JSON.stringify({ ...welcome, heartbeatIntervalMs: 0 })], 1008],
    ['binary', [Buffer.from([1, 2, 3])], 1003],
    ['too large', [`"${'x'.repeat(1024 * 1024)}"`], 1009],
    ['nesting', ['['.repeat(500_000)], 1008],
  ])('%s: the agent closes, lives, and comes back', async (_name, frames, code) => {
    const identity = await ensureEnrolled(await enrolOptions())
    const own = await bench.authority.issueServerCertificate(new Date())
    const wild = createServer({ key: own.privateKeyPem, cert: own.certificatePem, minVersion: 'TLSv1.3' })
    const codes: number[] = []
    new WebSocketServer({ server: wild }).on('connection', (socket) => {
      socket.on('close', (closeCode) => codes.push(closeCode))
      for (const frame of frames) socket.send(frame)
    })
    const port = Number(new URL(identity.server).port)
    await bench.stop()
    await new Promise<void>((resolve) => wild.listen(port, '127.0.0.1', resolve))
    const { end } = start(handObserver(), { random: () => 0 })
    await eventually('two connections', () => codes.length >= 2)
    expect(codes[0]).toBe(code)
    await end()
    wild.closeAllConnections()
    await new Promise((resolve) => wild.close(resolve))
    await bench.restart(port)
  })
})
