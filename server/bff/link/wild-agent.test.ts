// Goal: nothing that an enrolled host sends ends the server, reaches another host, or is stored unless it is a message. Method:
// random messages near those of the contract, and random bytes in place of frames, over real TLS.
import type { Socket } from 'node:net'
import { AgentMessage } from '@rebootless/shared/contract/agent-message.ts'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nearly } from '../http/test-arbitrary.ts'
import { createLinkBench, eventually, helloMessage, type LinkBench } from './link-test-bench.ts'

const TALKS = 60
let bench: LinkBench
beforeAll(async () => {
  bench = await createLinkBench()
})
afterAll(() => bench.end())

const linked = async () => {
  const { hostId, key, cert } = await bench.enrolledHost()
  const link = bench.open({ key, cert })
  expect(await link.opened).toBe(true)
  link.socket.send(JSON.stringify(helloMessage()))
  await eventually('welcome', () => link.received.some(({ type }) => type === 'welcome'))
  return { hostId, link }
}
/** What stands below a WebSocket: bytes that are no frame have no other way. */
const bytesOf = ({ socket }: ReturnType<LinkBench['open']>) => (socket as unknown as { _socket: Socket })._socket

test('T20 anything at all (seed 4711), message by message and byte by byte', async () => {
  const calm = await linked()
  const talk = fc.sample(fc.array(nearly(AgentMessage), { minLength: 1, maxLength: 12 }), {
    numRuns: TALKS,
    seed: 4711,
  })
  const bytes = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 200 }), { numRuns: TALKS, seed: 4711 })
  const codes: number[] = []
  for (const [n, messages] of talk.entries()) {
    const { link } = await linked()
    if (n % 2 === 0) bytesOf(link).end(Buffer.from(bytes[n] ?? []))
    else for (const text of [...messages.map((message) => JSON.stringify(message) ?? ''), '{']) link.socket.send(text)
    codes.push(await link.closed)
  }
  expect(new Set(codes).size).toBeGreaterThan(1)
  expect(codes.filter((code) => ![1002, 1003, 1006, 1007, 1008, 1009].includes(code))).toEqual([])
  for (const { message } of bench.memory.applied) expect(AgentMessage.parse(message)).toEqual(message)
  expect(calm.link.socket.readyState).toBe(calm.link.socket.OPEN)
  expect(bench.memory.applied.filter(({ hostId }) => hostId === calm.hostId)).toHaveLength(1)
  calm.link.socket.terminate()
}, 30_000)
