// Goal: nothing that a server says ends the agent, or makes it say what counts for nothing. Method: the agent's library against
// servers of our own that have the right certificate and say what the test says.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { ServerMessage } from '@rebootless/shared/contract/agent-message.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { nearly } from '../../bff/http/test-arbitrary.ts'
import { eventually } from '../../bff/link/link-test-bench.ts'
import { ensureEnrolled } from './enrol.ts'
import { readIdentity } from './identity.ts'
import { clock, handObserver, useTestAgent } from './test-agent.ts'

const TALKS = 90
const site = useTestAgent()

describe('T19 an epoch that went back', () => {
  /** A server that has seen an epoch, and takes down what it hears. */
  const seeing = async (epochSeen: number | undefined, port: number) => {
    const own = await site.bench.authority.issueServerCertificate(new Date())
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
    await site.bench.stop()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    site.stops.push(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await site.bench.restart(port)
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
    const identity = await ensureEnrolled(await site.enrolOptions())
    const heard = await seeing(epochSeen, Number(new URL(identity.server).port))
    site.start(handObserver())
    await eventually('heartbeat', () => heard.some(({ type }) => type === 'heartbeat'))
    const said = heard.filter(({ type }) => type !== 'hello')
    expect(new Set(said.map(({ epoch }) => epoch))).toEqual(new Set([expected]))
    expect(said.map(({ type }) => type)).toEqual(expect.arrayContaining(['snapshot', 'transition', 'heartbeat']))
    expect(await readFile(join(site.dataDirectory, 'epoch'), 'utf8')).toBe(`${expected}\n`)
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
    const identity = await ensureEnrolled(await site.enrolOptions())
    const own = await site.bench.authority.issueServerCertificate(new Date())
    const wild = createServer({ key: own.privateKeyPem, cert: own.certificatePem, minVersion: 'TLSv1.3' })
    const codes: number[] = []
    new WebSocketServer({ server: wild }).on('connection', (socket) => {
      socket.on('close', (closeCode) => codes.push(closeCode))
      for (const frame of frames) socket.send(frame)
    })
    const port = Number(new URL(identity.server).port)
    await site.bench.stop()
    await new Promise<void>((resolve) => wild.listen(port, '127.0.0.1', resolve))
    const { end } = site.start(handObserver(), { random: () => 0 })
    await eventually('two connections', () => codes.length >= 2)
    expect(codes[0]).toBe(code)
    await end()
    wild.closeAllConnections()
    await new Promise((resolve) => wild.close(resolve))
    await site.bench.restart(port)
  })

  test('anything at all (seed 4711), message by message and byte by byte: it closes, lives, and does what it did', async () => {
    const identity = await ensureEnrolled(await site.enrolOptions())
    const own = await site.bench.authority.issueServerCertificate(new Date())
    const wild = createServer({ key: own.privateKeyPem, cert: own.certificatePem, minVersion: 'TLSv1.3' })
    const talk = fc.sample(
      fc.array(
        fc.oneof(
          nearly(ServerMessage).map((message) => JSON.stringify(message) ?? ''),
          fc.string({ unit: 'binary' }),
        ),
        {
          minLength: 1,
          maxLength: 20,
        },
      ),
      { numRuns: TALKS, seed: 4711 },
    )
    const bytes = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 200 }), { numRuns: TALKS, seed: 4711 })
    const codes: number[] = []
    let talks = 0
    new WebSocketServer({ server: wild }).on('connection', (socket, request) => {
      socket.on('error', () => undefined)
      socket.on('close', (code) => codes.push(code))
      const turn = talks % 3
      const frame = Buffer.from(bytes[talks % TALKS] ?? [])
      for (const text of talk[talks % TALKS] ?? []) socket.send(text)
      talks += 1
      // What breaks RFC 6455, or its text, or our contract, and no talk goes on for ever: bytes may say that more will come.
      if (turn === 0) request.socket.end(frame)
      else if (turn === 1) socket.send(Buffer.from([0x22, 0xff, 0xfe, 0x22]), { binary: false })
      else socket.send('{')
    })
    const port = Number(new URL(identity.server).port)
    await site.bench.stop()
    await new Promise<void>((resolve) => wild.listen(port, '127.0.0.1', resolve))
    // Who is refused waits for a minute: here for a moment.
    const hasty = { ...clock, sleep: (ms: number, signal?: AbortSignal) => clock.sleep(Math.min(ms, 20), signal) }
    site.start(handObserver(), { random: () => 0, clock: hasty })
    await eventually('all talks are over', () => codes.length >= TALKS, 30_000)
    expect([...new Set(codes)].filter((code) => ![1000, 1002, 1003, 1006, 1007, 1008, 1009].includes(code))).toEqual([])
    wild.closeAllConnections()
    await new Promise((resolve) => wild.close(resolve))
    await site.bench.restart(port)
    await eventually('it is back', () => site.latest(identity.hostId).snapshot !== undefined)
    const { hostId, privateKey, certificateAuthority, commandKey } = identity
    expect(await readIdentity(site.dataDirectory)).toMatchObject({
      hostId,
      privateKey,
      certificateAuthority,
      commandKey,
    })
  }, 60_000)
})
