// Goal: whatever a host says, it says of itself. Method: each kind of message of the contract, once as it should be and
// once with another host's id in it, over real TLS.
import { AgentMessage } from '@rebootless/shared/contract/agent-message.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLinkBench, eventually, helloMessage, type LinkBench, sampleSnapshot } from './link-test-bench.ts'

let bench: LinkBench
beforeAll(async () => {
  bench = await createLinkBench()
})
afterAll(() => bench.end())

const order = (sequence: number) => ({ epoch: 1, sequence, sentAt: new Date().toISOString() })
const MESSAGES: { [T in AgentMessage['type']]: () => object } = {
  hello: () => helloMessage(2),
  snapshot: () => ({ type: 'snapshot', ...order(2), hash: 'b'.repeat(64), snapshot: sampleSnapshot() }),
  heartbeat: () => ({ type: 'heartbeat', ...order(2), snapshotHash: 'b'.repeat(64) }),
  transition: () => ({ type: 'transition', ...order(2), sample: null }),
  result: () => ({
    ...{ type: 'result', ...order(2), commandId: crypto.randomUUID(), state: 'done', code: null },
    ...{ detail: 'as it was asked', at: new Date().toISOString() },
  }),
}

const linked = async () => {
  const { hostId, key, cert } = await bench.enrolledHost()
  const link = bench.open({ key, cert })
  await link.opened
  link.socket.send(JSON.stringify(helloMessage()))
  await eventually('the hello is stored', () => link.received.some(({ type }) => type === 'acknowledged'))
  return { hostId, link }
}

test.each(Object.entries(MESSAGES))('T18 %s: of oneself, or not at all', async (type, message) => {
  const [own, other] = [await linked(), await linked()]
  expect(AgentMessage.parse(message()).type).toBe(type)
  const before = bench.memory.applied.length
  for (const key of ['hostId', 'host', 'id']) {
    const { link } = await linked()
    link.socket.send(JSON.stringify({ ...message(), [key]: other.hostId }))
    expect([key, await link.closed]).toEqual([key, 1008])
    expect(link.received.at(-1)).toMatchObject({ type: 'refused', detail: expect.stringContaining('contract') })
  }
  const said = bench.memory.applied.slice(before)
  expect(said.filter(({ hostId }) => hostId === other.hostId)).toEqual([])
  expect(bench.memory.host(other.hostId).latest.hello?.sequence).toBe(1)
  if (type !== 'result') {
    own.link.socket.send(JSON.stringify(message()))
    await eventually('its own is stored', () => bench.memory.applied.at(-1)?.hostId === own.hostId)
  }
  own.link.socket.terminate()
  other.link.socket.terminate()
})
