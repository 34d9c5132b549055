// Goal: nothing is lost where the program is killed. Method: a deliverer in a process of its own is ended by SIGKILL again and
// again, with a message under way at the receiver and between two; its follower, whose clock is later, sends the rest.
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ChannelBench, HANGS, type Receiver, startChannelBench, startReceiver, TAKES } from './test-channels.ts'

let bench: ChannelBench
let receiver: Receiver
const children: ChildProcess[] = []
beforeAll(async () => {
  bench = await startChannelBench()
  receiver = await startReceiver()
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await receiver.stop()
  await bench.end()
})

const start = (): ChildProcess => {
  const program = fileURLToPath(new URL('test-deliverer-process.ts', import.meta.url))
  const env = { ...process.env, CONNECTION: JSON.stringify(bench.database.connection) }
  const child = spawn(process.execPath, ['--import', 'tsx', program], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  children.push(child)
  return child
}
const kill = async (child: ChildProcess) => {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}
const said = () => receiver.received.map(({ body }) => (JSON.parse(body) as { data: { by: string } }).data.by)
/** As if the time of the dead one's claim had passed. */
const timePasses = () =>
  bench.kysely
    .updateTable('channel_progress')
    .set({ claimed_until: new Date(0) })
    .execute()

test('killed with a message under way and between two, each arrives, in order, what came twice under one id', async () => {
  const words = Array.from({ length: 40 }, (_, n) => `m${n}`)
  const { id } = await bench.create({ address: receiver.address })
  await bench.kysely
    .updateTable('channel_progress')
    .set({ next_at: new Date(0) })
    .execute()
  await bench.say(id, ...words)

  receiver.behave(HANGS)
  const first = start()
  await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBe(1)
  await kill(first)
  expect((await bench.rows(id)).filter(({ state }) => state === 'delivered')).toEqual([])

  receiver.behave((_request, response) => void setTimeout(() => response.writeHead(204).end(), 20))
  await timePasses()
  const second = start()
  await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBeGreaterThan(6)
  await kill(second)

  receiver.behave(TAKES)
  await timePasses()
  const third = start()
  await expect
    .poll(async () => (await bench.rows(id)).every(({ state }) => state === 'delivered'), { timeout: 30_000 })
    .toBe(true)
  await kill(third)
  expect([...new Set(said())]).toEqual(words)
  expect(new Set(receiver.ids()).size).toBe(words.length)
  expect(said().length).toBeGreaterThan(words.length)
}, 120_000)
