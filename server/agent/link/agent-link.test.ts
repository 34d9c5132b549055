// Goal: a host enrols, stays linked, and loses nothing whatever happens to the other end. Method: the agent's library
// against the backend's real port on loopback over an in-memory store; the observer is a hand that pushes.
import { readdir, readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eventually } from '../../bff/link/link-test-bench.ts'
import { ensureEnrolled } from './enrol.ts'
import { readStatus } from './status-file.ts'
import { clock, handObserver, hash, useTestAgent } from './test-agent.ts'

const site = useTestAgent()

describe('enrolment', () => {
  test('T16 the key is born here, 0600, and never sent; enrolling twice changes nothing', async () => {
    const identity = await ensureEnrolled(await site.enrolOptions())
    const path = join(site.dataDirectory, 'identity.json')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readFile(path, 'utf8')).toContain('PRIVATE KEY')
    expect(await ensureEnrolled({ ...(await site.enrolOptions()), token: 'unused' })).toEqual(identity)
    expect((await readdir(site.dataDirectory)).sort()).toEqual(['epoch', 'identity.json'])
  })

  test('T15 a used token, an altered pin, a token that is none, and a dead port each say what is wrong', async () => {
    const token = await site.bench.token()
    const [prefix, secret, pin = ''] = token.split('.')
    await ensureEnrolled(await site.enrolOptions(token))
    const again = { ...(await site.enrolOptions(token)), force: true }
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
    const host = await site.bench.enrolledHost()
    let requests = 0
    const impostor = createServer(
      { key: host.key, cert: `${host.cert}\n${site.bench.authority.certificatePem}`, minVersion: 'TLSv1.3' },
      () => {
        requests += 1
      },
    )
    await new Promise<void>((resolve) => impostor.listen(0, '127.0.0.1', resolve))
    const { port } = impostor.address() as { port: number }
    const options = { ...(await site.enrolOptions()), server: `https://127.0.0.1:${port}` }
    await expect(ensureEnrolled(options)).rejects.toMatchObject({ code: 'server_unreachable' })
    expect(requests).toBe(0)
    impostor.closeAllConnections()
    await new Promise((resolve) => impostor.close(resolve))
  })
})

describe('link', () => {
  test('hello, snapshot, heartbeat, transition arrive, and the newest of each is what stays', async () => {
    const { hostId } = await ensureEnrolled(await site.enrolOptions())
    const hand = handObserver()
    site.start(hand)
    await eventually('snapshot', () => site.latest(hostId).snapshot?.hash === hash('0'))
    await eventually('heartbeat', () => site.latest(hostId).heartbeat?.snapshotHash === hash('0'))
    expect(site.latest(hostId).hello).toMatchObject({
      epoch: 1,
      hostName: 'host-a',
      bootId: 'b1',
      hostClass: 'observe',
    })
    expect(site.latest(hostId).transition?.sample).toBeNull()
    await clock.sleep(300) // some heartbeats
    expect(site.bench.memory.applied.filter((entry) => entry.message.type === 'snapshot')).toHaveLength(1)
    hand.snapshot('1')
    hand.transition(5)
    await eventually('new snapshot', () => site.latest(hostId).snapshot?.hash === hash('1'))
    await eventually('sample', () => site.latest(hostId).transition?.sample?.tasksRemaining === 5)
    await eventually('status', async () => (await readStatus(site.dataDirectory))?.state === 'connected')
    const status = await readStatus(site.dataDirectory)
    expect(Math.abs(status?.clockSkewMs ?? 1e9)).toBeLessThan(1000)
  })

  test('of many samples at most one a second goes out, and the last of them does', async () => {
    const { hostId } = await ensureEnrolled(await site.enrolOptions())
    const hand = handObserver()
    site.start(hand)
    await eventually('linked', () => site.latest(hostId).transition !== undefined)
    for (let at = 40; at > 0; at -= 1) {
      hand.transition(at)
      await clock.sleep(30)
    }
    hand.transition(null)
    await eventually('the end', () => site.latest(hostId).transition?.sample === null)
    const sent = site.bench.memory.applied.filter((entry) => entry.message.type === 'transition')
    expect(sent.length).toBeGreaterThan(1)
    expect(sent.length).toBeLessThanOrEqual(4)
  })

  test('a server that is slow to store gets fewer samples, not a queue of them', async () => {
    const { hostId } = await ensureEnrolled(await site.enrolOptions())
    const hand = handObserver()
    site.start(hand)
    await eventually('linked', () => site.latest(hostId).transition !== undefined)
    const release = site.bench.memory.hold()
    for (const remaining of [9, 8, 7]) {
      hand.transition(remaining)
      await clock.sleep(1100)
    }
    release()
    await eventually('the last', () => site.latest(hostId).transition?.sample?.tasksRemaining === 7)
    const told = site.bench.memory.applied.flatMap(({ message }) =>
      message.type === 'transition' ? [message.sample] : [],
    )
    expect(told.map((one) => one?.tasksRemaining)).toEqual([undefined, 9, 7])
  })

  test('the server dies and comes back: what was said meanwhile arrives, numbers rise', async () => {
    const { hostId } = await ensureEnrolled(await site.enrolOptions())
    const hand = handObserver()
    site.start(hand)
    await eventually('snapshot', () => site.latest(hostId).snapshot !== undefined)
    const { port } = site.bench.server
    await site.bench.stop()
    hand.snapshot('2')
    hand.transition(7)
    await site.bench.restart(port)
    await eventually('snapshot', () => site.latest(hostId).snapshot?.hash === hash('2'))
    await eventually('sample', () => site.latest(hostId).transition?.sample?.tasksRemaining === 7)
    const numbers = site.bench.memory.applied.map((entry) => entry.message)
    for (const kind of ['hello', 'snapshot', 'heartbeat', 'transition']) {
      const ofKind = numbers.filter((message) => message.type === kind).map((message) => message.sequence)
      expect(ofKind).toEqual([...ofKind].sort((a, b) => a - b))
      expect(new Set(ofKind).size).toBe(ofKind.length)
    }
  })

  test('what the store could not take is sent again', async () => {
    const { hostId } = await ensureEnrolled(await site.enrolOptions())
    const hand = handObserver()
    site.start(hand)
    await eventually('linked', () => site.latest(hostId).snapshot !== undefined)
    site.bench.memory.fail(new Error('disk full'))
    hand.snapshot('3')
    await clock.sleep(300)
    expect(site.latest(hostId).snapshot?.hash).toBe(hash('0'))
    site.bench.memory.fail(undefined)
    await eventually('snapshot', () => site.latest(hostId).snapshot?.hash === hash('3'))
  })

  test('a server that lost its snapshot gets it again', async () => {
    const { hostId } = await ensureEnrolled(await site.enrolOptions())
    site.start(handObserver())
    await eventually('snapshot', () => site.latest(hostId).snapshot !== undefined)
    const before = site.latest(hostId).snapshot?.sequence ?? 0
    delete site.latest(hostId).snapshot
    await eventually('again', () => (site.latest(hostId).snapshot?.sequence ?? 0) > before)
  })

  test('T19 each start has a higher epoch, on the disk before it is used', async () => {
    const { hostId } = await ensureEnrolled(await site.enrolOptions())
    for (const epoch of [1, 2, 3]) {
      const { end } = site.start(handObserver())
      await eventually('hello', () => site.latest(hostId).hello?.epoch === epoch)
      expect(await readFile(join(site.dataDirectory, 'epoch'), 'utf8')).toBe(`${epoch}\n`)
      await end()
    }
  })

  test('a revoked host waits and says why; with tokens at hand it enrols anew', async () => {
    const { hostId } = await ensureEnrolled(await site.enrolOptions())
    const { end } = site.start(handObserver())
    await eventually('linked', () => site.latest(hostId).snapshot !== undefined)
    site.bench.memory.revoke(hostId)
    await eventually('waiting', async () => (await readStatus(site.dataDirectory))?.state === 'waiting')
    expect((await readStatus(site.dataDirectory))?.reason).toMatch(/revoked/)
    await end()
    site.start(handObserver(), { token: site.bench.token })
    await eventually('another host', () =>
      site.bench.memory.hostIds().some((id) => id !== hostId && site.latest(id).snapshot !== undefined),
    )
  })

  test('a snapshot that no frame can hold is cut, of one that breaks the contract the rest is sent, and both are said', async () => {
    const { hostId } = await ensureEnrolled(await site.enrolOptions())
    const hand = handObserver()
    const { log } = site.start(hand)
    await eventually('linked', () => site.latest(hostId).snapshot !== undefined)
    const file = { path: '/proc/x', content: 'x'.repeat(16_384), errno: null, truncated: false }
    hand.snapshot('4', { raw: Array.from({ length: 100 }, () => file) })
    await eventually('cut snapshot', () => site.latest(hostId).snapshot?.hash === hash('4'))
    expect(site.latest(hostId).snapshot?.snapshot.raw[0]?.content).toHaveLength(1024)
    hand.snapshot('5', { hostName: 'x'.repeat(300) })
    await eventually('the rest', () => site.latest(hostId).snapshot?.hash === hash('5'))
    await eventually('confirmed', () => site.latest(hostId).heartbeat?.snapshotHash === hash('5'))
    expect(site.latest(hostId).snapshot?.snapshot).toMatchObject({
      hostName: 'unknown',
      unreadable: [{ path: 'snapshot' }],
    })
    expect(log.join('\n')).toMatch(/sent without[\s\S]*breaks the contract at "hostName"/)
  })

  test('a reading of which nothing can be sent ends the word on the one before', async () => {
    const { hostId } = await ensureEnrolled(await site.enrolOptions())
    const hand = handObserver()
    site.start(hand)
    await eventually('confirmed', () => site.latest(hostId).heartbeat?.snapshotHash === hash('0'))
    hand.snapshot('1', { takenAt: 'yesterday' })
    await clock.sleep(150) // what was on its way has come
    const { sequence } = site.latest(hostId).heartbeat ?? {}
    await clock.sleep(350) // some heartbeats
    expect(site.latest(hostId).heartbeat?.sequence).toBe(sequence)
    hand.snapshot('2')
    await eventually('again', () => site.latest(hostId).heartbeat?.snapshotHash === hash('2'))
  })

  test('T21 a clock more than 5 minutes off is said', async () => {
    await ensureEnrolled(await site.enrolOptions())
    const ahead = { ...clock, now: () => Date.now() + 600_000 }
    const { log } = site.start(handObserver(), { clock: ahead })
    await eventually('warning', () => log.some((line) => /the clock of this host is 600 s off/.test(line)))
  })

  test('several agents run in one process, each as its own host', async () => {
    const ids: string[] = []
    for (const name of ['one', 'two', 'three']) {
      const own = join(site.dataDirectory, name)
      const options = {
        ...(await site.enrolOptions()),
        dataDirectory: own,
        hostName: name,
        origin: 'recorded' as const,
      }
      ids.push((await ensureEnrolled(options)).hostId)
      site.start(handObserver(), { dataDirectory: own, hostName: name, origin: 'recorded' })
    }
    await eventually('all linked', () => ids.every((id) => site.latest(id).snapshot !== undefined))
    expect(ids.map((id) => site.latest(id).hello?.hostName)).toEqual(['one', 'two', 'three'])
    expect(site.bench.server.linkCount()).toBe(3)
  })
})
