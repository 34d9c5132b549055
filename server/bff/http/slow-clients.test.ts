// Goal: clients that take nothing cost no memory beyond the bounds, and those beside them get all of theirs. Method: 1,000 real
// sockets that ask and then do not read, on the server's own HTTP settings, and what this process holds meanwhile. They are
// local sockets, whose buffers in the kernel are small, so that what waits, waits in our memory.
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import express, { type Express, type Response } from 'express'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EventStreams, UNSENT_BYTES_OF_ALL_MAX } from '../events/event-streams.ts'
import { WHOLE_FLEET } from '../hosts/host-scope.ts'
import { eventually } from '../link/link-test-bench.ts'
import { createHttpServer } from './listen.ts'
import { heldBytes } from './test-memory.ts'
import { UNSENT_ANSWER_BYTES_MAX, UnsentAnswers } from './unsent-answers.ts'

const SLOW_CLIENTS = 1_000
const MEBIBYTE = 1024 * 1024
/** What the bounds let wait is held twice: as it was written, and as it was encoded for its socket. */
const GROWTH_BYTES_MAX = 2.5 * 64 * MEBIBYTE

let folder: string
let server: Server
let app: Express
let sockets: Socket[]
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-slow-'))
  sockets = []
  app = express()
  server = createHttpServer(app, { tls: undefined })
  server.listen(path.join(folder, 'http'))
  await once(server, 'listening')
})
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(folder, { recursive: true })
})

const ask = (target: string): Socket => {
  const socket = connect(path.join(folder, 'http'))
  sockets.push(socket)
  socket.on('error', () => undefined)
  socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  return socket
}
const askAndTakeNothing = (target: string): Socket => ask(target).pause()
/** Bytes that a client which reads has got. */
const taking = (target: string) => {
  const got = { bytes: 0 }
  ask(target).on('data', (part: Buffer) => {
    got.bytes += part.length
  })
  return got
}
test('T09 large answers: what waits is bounded, also as this process sees it, and whoever reads gets his', async () => {
  const unsent = new UnsentAnswers()
  const asked = { answers: 0, cut: 0 }
  app.get('/large', (_request, response) => {
    asked.answers += 1
    response.once('close', () => {
      asked.cut += 1
    })
    const text = JSON.stringify({ n: asked.answers, text: 'x'.repeat(MEBIBYTE) })
    unsent.add(response, Buffer.byteLength(text))
    response.end(text)
  })
  const before = await heldBytes()
  for (let n = 1; n <= SLOW_CLIENTS; n += 1) {
    askAndTakeNothing('/large')
    await eventually(`answer ${n}`, () => asked.answers === n)
    expect(unsent.bytes).toBeLessThanOrEqual(UNSENT_ANSWER_BYTES_MAX)
    // 1,000 MiB are asked for in all.
    if (n % 50 === 0) expect((await heldBytes()) - before).toBeLessThan(GROWTH_BYTES_MAX)
  }
  // Nobody took anything, so those that are gone were cut: all but as many as have room.
  expect(asked).toEqual({ answers: SLOW_CLIENTS, cut: SLOW_CLIENTS - 63 })
  const reader = taking('/large')
  await eventually('all of it was read', () => reader.bytes > MEBIBYTE)
}, 60_000)

test('T09 event streams: the same', async () => {
  const streams = new EventStreams()
  const responses: Response[] = []
  app.get('/stream', (_request, response) => {
    const name = `${responses.length}`
    const hearer = { userId: name, role: 'viewer', scope: null, via: 'session' } as const
    const owner = { userId: name, sessionHash: name, scope: WHOLE_FLEET, hearer }
    responses.push(response)
    streams.open(response, owner)
  })
  const reader = taking('/stream')
  await eventually('the reader is there', () => responses.length === 1)
  for (let n = 1; n <= SLOW_CLIENTS; n += 1) {
    askAndTakeNothing('/stream')
    // A local socket takes so many at once as may wait for it, and no more.
    if (n % 100 === 0) await eventually(`${n} are there`, () => responses.length === n + 1)
  }
  const before = await heldBytes()
  const waiting = () =>
    responses.reduce((sum, { destroyed, writableLength }) => sum + (destroyed ? 0 : writableLength), 0)
  let sent = 0
  for (let round = 0; round < 100; round += 1) {
    const text = `data: ${round} ${'x'.repeat(50_000)}\n\n`
    streams.sendAll(text)
    sent += text.length
    expect(waiting()).toBeLessThanOrEqual(UNSENT_BYTES_OF_ALL_MAX)
    await eventually('the reader has it', () => reader.bytes > sent)
    await turn()
  }
  expect((await heldBytes()) - before).toBeLessThan(GROWTH_BYTES_MAX)
  expect(responses.filter(({ destroyed }) => destroyed).length).toBe(SLOW_CLIENTS)
  expect(responses[0]?.destroyed).toBe(false)
}, 60_000)
