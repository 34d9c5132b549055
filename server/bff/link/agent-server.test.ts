// Goal: only our agents get in, and none of them can harm the others. Method: real TLS on loopback, bare sockets that
// misbehave in every way we can think of, an in-memory store.
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { FRAME_BYTES_MAX } from '@rebootless/shared/contract/agent-message.ts'
import { Problem } from '@rebootless/shared/contract/problem.ts'
import { SERVER_NAME } from '@rebootless/shared/domain/agent-link.ts'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCertificateAuthority } from './certificate-authority.ts'
import { createLinkBench, eventually, helloMessage, type LinkBench } from './link-test-bench.ts'

const HASH = 'a'.repeat(64)
const heartbeat = (sequence: number) => ({
  type: 'heartbeat',
  epoch: 1,
  sequence,
  sentAt: new Date().toISOString(),
  snapshotHash: HASH,
})
const send = (link: ReturnType<LinkBench['open']>, message: unknown) => link.socket.send(JSON.stringify(message))
const ofType = (link: ReturnType<LinkBench['open']>, type: string) => link.received.filter((m) => m.type === type)

let bench: LinkBench
beforeAll(async () => {
  bench = await createLinkBench({ certificateRecheckMs: 100, pingIntervalMs: 300 })
})
afterAll(() => bench.end())

const greeted = async () => {
  const host = await bench.enrolledHost()
  const link = bench.open({ key: host.key, cert: host.cert })
  expect(await link.opened).toBe(true)
  send(link, helloMessage())
  await eventually('welcome', () => ofType(link, 'welcome').length === 1)
  return { ...host, link }
}

test('T19 welcome tells the greatest epoch held, for an agent whose own went back', async () => {
  const { link, key, cert } = await greeted()
  expect(ofType(link, 'welcome')).toMatchObject([{ epochSeen: null }])
  send(link, helloMessage(1, { epoch: 7 }))
  await eventually('acknowledged', () =>
    link.received.some(({ type, epoch }) => type === 'acknowledged' && epoch === 7),
  )
  const again = bench.open({ key, cert })
  await again.opened
  send(again, helloMessage(1, { epoch: 3 }))
  await eventually('welcome', () => ofType(again, 'welcome').length === 1)
  expect(ofType(again, 'welcome')).toMatchObject([{ epochSeen: 7 }])
  again.socket.terminate()
})

describe('who may connect', () => {
  const refusal = async (options: Parameters<LinkBench['open']>[0], path?: string) => {
    const link = bench.open(options, path)
    const { status, body } = await link.refused
    link.socket.terminate()
    const problem = Problem.parse(JSON.parse(body))
    expect(problem.status).toBe(status)
    return problem.type
  }

  test('T16 nobody without a certificate, whatever a proxy header says', async () => {
    const headers = { 'x-client-cert': 'CN=anybody', 'x-forwarded-client-cert': 'Subject="CN=anybody"' }
    expect(await refusal({ headers })).toBe('/problems/certificate_refused')
  })

  test('T16 no certificate of another authority, even with the id of a known host', async () => {
    const { hostId } = await bench.enrolledHost()
    const folder = await mkdtemp(join(tmpdir(), 'rebootless-other-'))
    const other = await openCertificateAuthority(folder, new Date())
    await rm(folder, { recursive: true })
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const issued = await other.issueAgentCertificate({
      hostId,
      publicKey: keys.publicKey.export({ type: 'spki', format: 'der' }),
      now: new Date(),
    })
    const key = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    expect(await refusal({ key, cert: issued.certificatePem })).toBe('/problems/certificate_refused')
  })

  test('T16 a server certificate is not an agent', async () => {
    const own = await bench.authority.issueServerCertificate(new Date())
    expect(await refusal({ key: own.privateKeyPem, cert: own.certificatePem })).toBe('/problems/certificate_refused')
  })

  test('T16 an expired certificate is refused', async () => {
    const host = await bench.enrolledHost(-0.0001)
    expect(await refusal({ key: host.key, cert: host.cert })).toBe('/problems/certificate_refused')
  })

  test('T16 an agent certificate is no server: neither its name nor its purpose fits', async () => {
    const host = await bench.enrolledHost()
    const { createServer } = await import('node:tls')
    const impostor = createServer({ key: host.key, cert: host.cert, minVersion: 'TLSv1.3' })
    await new Promise<void>((resolve) => impostor.listen(0, '127.0.0.1', resolve))
    const { port } = impostor.address() as { port: number }
    const dial = (checks: object) =>
      new Promise<string>((resolve) => {
        const socket = connect({ port, host: '127.0.0.1', ca: bench.authority.certificatePem, ...checks })
        socket.once('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)))
        socket.once('secureConnect', () => {
          socket.destroy()
          resolve('connected')
        })
      })
    expect(await dial({ servername: SERVER_NAME })).toBe('INVALID_PURPOSE')
    expect(await dial({ servername: host.hostId, checkServerIdentity: () => undefined })).toBe('INVALID_PURPOSE')
    await new Promise((resolve) => impostor.close(resolve))
  })

  test('T16 an upgrade with an Origin is refused, certificate or not', async () => {
    const host = await bench.enrolledHost()
    expect(await refusal({ key: host.key, cert: host.cert, origin: 'https://example.org' })).toBe(
      '/problems/origin_refused',
    )
  })

  test('T16 no TLS below 1.3, and no resumed session', async () => {
    const host = await bench.enrolledHost()
    const { port } = bench.server
    const base = { port, host: '127.0.0.1', ca: bench.authority.certificatePem, servername: SERVER_NAME }
    const old = connect({ ...base, maxVersion: 'TLSv1.2', minVersion: 'TLSv1.2' })
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => old.once('error', resolve))
    expect(error.code).toMatch(/ALERT_PROTOCOL_VERSION|ECONNRESET/)

    const dial = (session?: Buffer) =>
      new Promise<{ session: Buffer | undefined; reused: boolean }>((resolve, reject) => {
        let got: Buffer | undefined
        let reused = false
        const socket = connect({ ...base, key: host.key, cert: host.cert, ...(session && { session }) })
        socket.on('session', (ticket) => {
          got = ticket
        })
        socket.on('error', reject)
        socket.on('secureConnect', () => {
          reused = socket.isSessionReused()
          socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
        })
        socket.on('data', () => {})
        socket.on('close', () => resolve({ session: got, reused }))
      })
    const first = await dial()
    const second = await dial(first.session)
    expect(second.reused).toBe(false)
  })

  test('another path is no link', async () => {
    const host = await bench.enrolledHost()
    expect(await refusal({ key: host.key, cert: host.cert }, '/other')).toBe('/problems/route_not_found')
  })

  test('T17 a revoked certificate ends the open link without any notification, and opens no new one', async () => {
    const { hostId, key, cert, link } = await greeted()
    bench.memory.revoke(hostId)
    expect(await link.closed).toBe(1008)
    expect(ofType(link, 'refused')[0]).toMatchObject({ code: 'certificate_refused' })
    expect(await refusal({ key, cert })).toBe('/problems/certificate_refused')
  })
})

describe('what a link carries', () => {
  test('hello is welcomed, messages are acknowledged, an unknown snapshot is asked for', async () => {
    const { hostId, link } = await greeted()
    send(link, heartbeat(2))
    await eventually('acknowledgement', () => ofType(link, 'acknowledged').length === 2)
    expect(ofType(link, 'acknowledged')).toEqual([
      { type: 'acknowledged', epoch: 1, sequence: 1 },
      { type: 'acknowledged', epoch: 1, sequence: 2 },
    ])
    await eventually('snapshot_wanted', () => ofType(link, 'snapshot_wanted').length === 1)
    expect(bench.memory.host(hostId).linkId).toBeDefined()
    link.socket.close()
    await eventually('the end is stored', () => bench.memory.host(hostId).linkId === undefined)
  })

  test('the clock of a host is measured from its hello', async () => {
    const host = await bench.enrolledHost()
    const link = bench.open({ key: host.key, cert: host.cert })
    await link.opened
    send(link, helloMessage(1, { sentAt: new Date(Date.now() + 600_000).toISOString() }))
    await eventually('skew', () => bench.memory.host(host.hostId).skewMs !== undefined)
    expect(Math.abs((bench.memory.host(host.hostId).skewMs ?? 0) - 600_000)).toBeLessThan(2000)
    link.socket.terminate()
  })

  test('a newer link of a host closes the older', async () => {
    const { hostId, key, cert, link } = await greeted()
    const second = bench.open({ key, cert })
    await second.opened
    expect(await link.closed).toBe(4000)
    expect(ofType(link, 'refused')[0]).toMatchObject({ code: 'replaced' })
    send(second, helloMessage(2))
    await eventually('welcome', () => ofType(second, 'welcome').length === 1)
    expect(bench.memory.host(hostId).linkId).toBeDefined()
    second.socket.terminate()
  })

  test('T19 a late or repeated message is acknowledged and changes nothing', async () => {
    const { hostId, link } = await greeted()
    send(link, heartbeat(9))
    send(link, heartbeat(4))
    send(link, heartbeat(9))
    await eventually('acknowledgements', () => ofType(link, 'acknowledged').length === 4)
    expect(bench.memory.host(hostId).latest.heartbeat?.sequence).toBe(9)
    expect(bench.memory.applied.filter((entry) => entry.hostId === hostId)).toHaveLength(2)
    link.socket.terminate()
  })

  test('what cannot be stored is not acknowledged, and the link ends so that it is repeated', async () => {
    const { link } = await greeted()
    bench.memory.fail(new Error('database is down'))
    send(link, heartbeat(2))
    expect(await link.closed).toBe(1011)
    bench.memory.fail(undefined)
    expect(ofType(link, 'acknowledged')).toHaveLength(1)
  })

  test('an agent that answers no ping is cut', async () => {
    const host = await bench.enrolledHost()
    const link = bench.open({ key: host.key, cert: host.cert, autoPong: false })
    await link.opened
    expect(await link.closed).toBe(1006)
  })
})

describe('T20 frames that are not right', () => {
  const deep = `${'['.repeat(400_000)}${']'.repeat(400_000)}`
  test.each<[string, string | Buffer, number]>([
    ['not JSON', '{"type":', 1007],
    ['nested beyond all depth', deep, 1008],
    ['another shape', '{"type":"heartbeat"}', 1008],
    ['an unknown key', JSON.stringify({ ...heartbeat(2), hostId: 'another' }), 1008],
    ['__proto__', `{"__proto__":{"type":"hello"}}`, 1008],
    ['a wrong type', JSON.stringify({ ...heartbeat(2), sequence: '2' }), 1008],
    ['a number beyond the safe ones', JSON.stringify(heartbeat(2)).replace(':2,', ':1e300,'), 1008],
    ['binary', Buffer.from(JSON.stringify(heartbeat(2))), 1003],
    ['too large', `"${'x'.repeat(FRAME_BYTES_MAX)}"`, 1009],
  ])('%s', async (_name, frame, code) => {
    const { link } = await greeted()
    link.socket.send(frame)
    expect(await link.closed).toBe(code)
    const { link: other } = await greeted() // alive
    other.socket.terminate()
  })

  test('text that is not UTF-8', async () => {
    const { link } = await greeted()
    link.socket.send(Buffer.from([0x22, 0xff, 0xfe, 0x22]), { binary: false })
    expect(await link.closed).toBe(1007)
  })

  test('anything before hello', async () => {
    const host = await bench.enrolledHost()
    const link = bench.open({ key: host.key, cert: host.cert })
    await link.opened
    send(link, heartbeat(1))
    expect(await link.closed).toBe(1008)
    expect(ofType(link, 'refused')[0]).toMatchObject({ code: 'hello_expected' })
  })

  test('a protocol of another time', async () => {
    const host = await bench.enrolledHost()
    const link = bench.open({ key: host.key, cert: host.cert })
    await link.opened
    send(link, helloMessage(1, { protocol: 99 }))
    expect(await link.closed).toBe(1008)
    expect(ofType(link, 'refused')).toMatchObject([{ code: 'protocol_unsupported' }])
  })

  test('a flood ends its own link and no other', async () => {
    const calm = await greeted()
    const wild = await greeted()
    for (let at = 0; at < 5000; at += 1) send(wild.link, heartbeat(at + 2))
    expect(await wild.link.closed).toBe(1008)
    expect(ofType(wild.link, 'refused')[0]).toMatchObject({ code: 'flooding' })
    send(calm.link, heartbeat(2))
    await eventually('the calm one is heard', () => ofType(calm.link, 'acknowledged').length === 2)
    expect(bench.memory.applied.filter((entry) => entry.hostId === wild.hostId).length).toBeLessThan(200)
    calm.link.socket.terminate()
  })

  test('a flood of bytes, within the number of messages', async () => {
    const { link } = await greeted()
    const text = JSON.stringify(heartbeat(2)).padEnd(FRAME_BYTES_MAX - 10, ' ')
    for (let at = 0; at < 8; at += 1) link.socket.send(text)
    expect(await link.closed).toBe(1008)
  })

  test('garbage (seed 4711) never ends the process', async () => {
    for (const text of fc.sample(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), { numRuns: 20, seed: 4711 })) {
      const { link } = await greeted()
      link.socket.send(text)
      expect([1007, 1008]).toContain(await link.closed)
    }
    const { link } = await greeted()
    link.socket.terminate()
  })
})

test('a port that is taken is an error that says so and what to do', async () => {
  const { port } = bench.server
  const { startAgentServer } = await import('./agent-server.ts')
  const { authorities, commandKey, memory } = bench
  const log = { info: () => {}, warn: () => {} }
  await expect(
    startAgentServer({
      ...{ host: '127.0.0.1', port, authorities, commandKey, log },
      ...{ store: memory.store, ingest: memory.ingest },
    }),
  ).rejects.toThrow(`Port ${port} of 127.0.0.1 is taken: end the program that holds it, or set AGENT_PORT to another.`)
})

test('more connections than may shake hands at once wait their turn', async () => {
  const small = await createLinkBench({ handshakesMax: 2, waitingMax: 100 })
  const host = await Promise.all(Array.from({ length: 20 }, () => small.enrolledHost()))
  const links = host.map(({ key, cert }) => small.open({ key, cert }))
  expect(await Promise.all(links.map((link) => link.opened))).toEqual(links.map(() => true))
  await small.end()
  expect(await Promise.all(links.map((link) => link.closed))).toEqual(links.map(() => 1001))
})
