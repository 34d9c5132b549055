// Goal: an agent is asked for tasks only when it understands the question. Method: links of each protocol to the agents'
// port on loopback.
import type { ServerMessage } from '@rebootless/shared/contract/agent-message.ts'
import { afterEach, expect, test } from 'vitest'
import { createLinkBench, eventually, helloMessage, type LinkBench } from './link-test-bench.ts'
import type { TaskLookLink } from './ports.ts'

let bench: LinkBench
afterEach(() => bench.end())

test.each([
  [1, false],
  [2, false],
  [3, false],
  [4, true],
])('T21 an agent of protocol %i is asked: %s', async (protocol, asked) => {
  const message: ServerMessage = {
    type: 'look_for_tasks',
    wanted: { id: 'a'.repeat(64), functions: [{ object: 'vmlinux', function: 'f' }], replace: false, withinMs: 1000 },
  }
  const links = new Map<string, TaskLookLink>()
  bench = await createLinkBench(
    {},
    { taskLooks: { linkOpened: (link) => links.set(link.hostId, link), linkClosed: (hostId) => links.delete(hostId) } },
  )
  const host = await bench.enrolledHost()
  const link = bench.open({ key: host.key, cert: host.cert })
  await link.opened
  link.socket.send(JSON.stringify(helloMessage(1, { protocol })))
  await eventually('its hello is stored', () => link.received.some(({ type }) => type === 'acknowledged'))
  links.get(host.hostId)?.send(message)
  link.socket.send(JSON.stringify(helloMessage(2, { protocol })))
  await eventually('what came later', () => link.received.filter(({ type }) => type === 'acknowledged').length === 2)
  expect(link.received.some(({ type }) => type === 'look_for_tasks')).toBe(asked)
  link.socket.close()
  await eventually('it is forgotten', () => links.size === 0)
})
