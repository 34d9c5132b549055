// Goal: a thousand clients that send a byte now and then are cut, cost next to no memory, and hold nobody up. Method: real
// sockets to a whole backend with the limits of production, half of them within their head, half within their body, and a
// page that goes on asking meanwhile.
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { startTestBackend, type TestBackend } from '../test-backend.ts'
import { heldBytes } from './test-memory.ts'

const SLOW_CLIENTS = 1_000
const MEBIBYTE = 1024 * 1024
/** Of both ends, since the clients are in this process too. */
const GROWTH_BYTES_MAX = 64 * MEBIBYTE
/** So slowly that a head or body of theirs would take a quarter of an hour. */
const LENGTH = 1_000

let database: TestDatabase
let backend: TestBackend
const clients: SlowClient[] = []
beforeAll(async () => {
  database = await createTestDatabase()
  backend = await startTestBackend(database)
})
afterEach(() => {
  for (const { socket } of clients) socket.destroy()
})
afterAll(async () => {
  await backend.close()
  await database.drop()
})

interface SlowClient {
  readonly kind: 'head' | 'body'
  readonly socket: Socket
  /** What it was answered. */
  answer: string
  sent: number
  cut: boolean
}

const start = (kind: SlowClient['kind']): SlowClient => {
  const socket = connect(backend.port, '127.0.0.1').setEncoding('latin1')
  const client: SlowClient = { kind, socket, answer: '', sent: 0, cut: false }
  const host = `Host: 127.0.0.1:${backend.port}\r\n`
  const own = `Origin: http://127.0.0.1:${backend.port}\r\nSec-Fetch-Site: same-origin\r\n`
  const body = `${own}Content-Type: application/json\r\nContent-Length: ${LENGTH}\r\n\r\n`
  socket.write(
    kind === 'head' ? `GET / HTTP/1.1\r\n${host}X-Slow: ` : `POST /api/v1/session HTTP/1.1\r\n${host}${body}`,
  )
  socket.on('data', (text) => {
    client.answer += text
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    client.cut = true
  })
  return client
}

test('T09 a thousand clients that send a byte at a time are cut, and a page is served all the while', async () => {
  const cookie = await backend.signIn()
  const before = await heldBytes()
  for (let n = 0; n < SLOW_CLIENTS; n += 1) clients.push(start(n % 2 === 0 ? 'head' : 'body'))
  const left = () => clients.filter(({ cut }) => !cut)
  const served: number[] = []
  let most = 0
  while (left().length > 0 && served.length < 60) {
    for (const client of left()) {
      client.socket.write(' ')
      client.sent += 1
    }
    served.push((await backend.call('GET', '/api/v1/hosts', { cookie })).status)
    if (served.length % 5 === 0) most = Math.max(most, (await heldBytes()) - before)
    await sleep(700)
  }
  expect(left().length).toBe(0)
  expect(new Set(served)).toEqual(new Set([200]))
  expect(most).toBeLessThan(GROWTH_BYTES_MAX)
  // By the server, in the midst of what they sent: first those within their head.
  expect(Math.max(...clients.map(({ sent }) => sent))).toBeLessThan(LENGTH)
  const answers = clients.map(({ answer }) => answer).filter((answer) => answer !== '')
  for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 408 [\s\S]*application\/problem\+json/)
  // A byte that meets the end on its way may cost its client the answer.
  expect(answers.length).toBeGreaterThan(SLOW_CLIENTS / 2)
  const sentBy = (kind: SlowClient['kind']) => clients.filter((one) => one.kind === kind).map(({ sent }) => sent)
  expect(Math.max(...sentBy('head'))).toBeLessThan(Math.min(...sentBy('body')))
}, 60_000)
