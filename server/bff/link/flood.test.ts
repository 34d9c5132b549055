// Goal: a host that floods the port, and comes back each time it is cut, harms nobody else. Method: two dozen hosts on
// real TLS, each waiting for every acknowledgement, while one sends as fast as its socket takes it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLinkBench, eventually, helloMessage, type LinkBench } from './link-test-bench.ts'

const CALM_HOSTS = 24
const HEARTBEATS = 12
let bench: LinkBench
beforeAll(async () => {
  bench = await createLinkBench({ floodHoldMs: 200 })
})
afterAll(() => bench.end())

const heartbeat = (sequence: number) =>
  JSON.stringify({
    ...{ type: 'heartbeat', epoch: 1, sequence, sentAt: new Date().toISOString(), snapshotHash: 'a'.repeat(64) },
  })
const acknowledged = (link: ReturnType<LinkBench['open']>) =>
  link.received.filter(({ type }) => type === 'acknowledged').length

test('T20 one flooding host of two dozen: the others are answered to the last word, and keep their links', async () => {
  const calm = await Promise.all(
    Array.from({ length: CALM_HOSTS }, async () => {
      const host = await bench.enrolledHost()
      const link = bench.open({ key: host.key, cert: host.cert })
      await link.opened
      link.socket.send(JSON.stringify(helloMessage()))
      await eventually('welcome', () => acknowledged(link) === 1)
      return { ...host, link }
    }),
  )
  const wild = await bench.enrolledHost()
  let over = false
  let links = 0
  const flooding = (async () => {
    while (!over) {
      const link = bench.open({ key: wild.key, cert: wild.cert })
      if (!(await link.opened)) continue
      links += 1
      link.socket.send(JSON.stringify(helloMessage(links * 10_000)))
      for (let n = 1; n < 2000; n += 1) link.socket.send(heartbeat(links * 10_000 + n))
      expect(await link.closed).toBe(1008)
    }
  })()
  await eventually('the flood runs', () => links >= 2)
  await Promise.all(
    calm.map(async ({ link }) => {
      for (let n = 1; n <= HEARTBEATS; n += 1) {
        link.socket.send(heartbeat(n + 1))
        await eventually(`acknowledgement ${n}`, () => acknowledged(link) === n + 1)
      }
    }),
  )
  over = true
  await flooding
  for (const { link, hostId } of calm) {
    expect(link.socket.readyState).toBe(link.socket.OPEN)
    expect(bench.memory.host(hostId).latest.heartbeat?.sequence).toBe(HEARTBEATS + 1)
    link.socket.terminate()
  }
  // Of each of its links no more is stored than the burst that anybody may send.
  const stored = bench.memory.applied.filter(({ hostId }) => hostId === wild.hostId).length
  expect(stored).toBeLessThan((links + 1) * 100)
}, 30_000)
