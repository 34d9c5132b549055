// Goal: neither floods nor slow clients wear the server out, and others are served meanwhile. Method: the limits by
// themselves with a clock and answers of our own; then a real backend behind a declared proxy, which names the sources.
import { EventEmitter } from 'node:events'
import { connect } from 'node:net'
import express, { type Response } from 'express'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import {
  EventStreams,
  STREAMS_PER_SESSION,
  STREAMS_PER_USER,
  UNSENT_BYTES_OF_ALL_MAX,
} from '../events/event-streams.ts'
import { WHOLE_FLEET } from '../hosts/host-scope.ts'
import { startTestBackend, type TestBackend } from '../test-backend.ts'
import { createHttpServer } from './listen.ts'
import { RATES, RequestRate } from './request-rate.ts'
import { signInAs } from './test-users.ts'
import { UNSENT_ANSWER_BYTES_MAX, UnsentAnswers } from './unsent-answers.ts'

/** Small enough that a flood is soon one; the numbers themselves are ADR 010's. */
vi.mock('./request-rate.ts', async (original) => ({
  ...(await original<typeof import('./request-rate.ts')>()),
  RATES: { session: { full: 60, perSecond: 1 }, source: { full: 90, perSecond: 1 } },
}))

const taken = (rate: RequestRate, key: string, now: number): boolean => {
  try {
    rate.take(key, now)
    return true
  } catch {
    return false
  }
}

describe('T09 requests', () => {
  test('are let through as a bucket holds and fills, however they come', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2_000), { minLength: 1, maxLength: 200 }), (waits) => {
        const bucket = { full: 20, perSecond: 5 }
        const rate = new RequestRate(bucket)
        let now = 0
        let passed = 0
        for (const wait of waits) {
          now += wait
          if (taken(rate, 'a', now)) passed += 1
        }
        expect(passed).toBeLessThanOrEqual(bucket.full + (now / 1_000) * bucket.perSecond)
        expect(passed).toBeGreaterThanOrEqual(Math.min(waits.length, bucket.full))
        expect(taken(rate, 'b', now)).toBe(true)
      }),
    )
  })
  test('of a hundred thousand keys are counted in bounded memory', () => {
    const rate = new RequestRate(RATES.source)
    for (let n = 0; n < 100_000; n += 1) taken(rate, `source ${n}`, n)
    expect(rate.size).toBeLessThanOrEqual(20_000)
  })
})

class Answer extends EventEmitter {
  destroyed = false
  destroy() {
    this.destroyed = true
    this.emit('close')
  }
}

describe('T09 answers that are not taken', () => {
  test('are held within one bound, and those that wait longest are cut', () => {
    const unsent = new UnsentAnswers()
    const answers = Array.from({ length: 1_000 }, () => new Answer())
    for (const answer of answers) {
      unsent.add(answer, 512 * 1024)
      expect(unsent.bytes).toBeLessThanOrEqual(UNSENT_ANSWER_BYTES_MAX)
    }
    const cut = answers.map(({ destroyed }) => destroyed)
    expect(cut.indexOf(false)).toBe(1_000 - UNSENT_ANSWER_BYTES_MAX / (512 * 1024))
    expect(cut.lastIndexOf(true)).toBe(cut.indexOf(false) - 1)
  })
  test('are forgotten once they went out, and one alone is never cut', () => {
    const unsent = new UnsentAnswers()
    const large = new Answer()
    unsent.add(large, UNSENT_ANSWER_BYTES_MAX * 2)
    expect(large.destroyed).toBe(false)
    large.emit('finish')
    large.emit('close')
    expect(unsent.bytes).toBe(0)
  })
  test('and sockets on which nothing moves end after a minute', () => {
    const server = createHttpServer(express(), { tls: undefined })
    expect([server.timeout, server.headersTimeout, server.requestTimeout]).toEqual([60_000, 10_000, 30_000])
  })
})

describe('T09 streams', () => {
  /** A response whose client takes nothing. */
  class Slow extends EventEmitter {
    writableLength = 0
    destroyed = false
    closed = false
    status = () => this
    setHeader = () => this
    flushHeaders = () => undefined
    write = (text: string) => {
      this.writableLength += text.length
    }
    destroy = () => {
      this.destroyed = true
      this.writableLength = 0
      this.emit('close')
    }
  }
  const hearer = { userId: 'user', role: 'viewer', scope: null, via: 'session' } as const
  const owner = (n: number) => ({ userId: `user ${n}`, sessionHash: `session ${n}`, scope: WHOLE_FLEET, hearer })

  test('of a thousand clients that take nothing hold no more than the bound', () => {
    const streams = new EventStreams()
    const responses = Array.from({ length: 1_000 }, () => new Slow())
    for (const [n, response] of responses.entries()) streams.open(response as unknown as Response, owner(n))
    let most = 0
    for (let n = 0; n < 20; n += 1) {
      streams.sendAll('x'.repeat(10_000))
      most = Math.max(
        most,
        responses.reduce((sum, { writableLength }) => sum + writableLength, 0),
      )
    }
    expect(most).toBeLessThanOrEqual(UNSENT_BYTES_OF_ALL_MAX)
    expect(streams.size).toBeLessThan(1_000)
    expect(streams.size).toBeGreaterThan(0)
  })
  test('are bounded for one person, whatever the number of his sessions', () => {
    const streams = new EventStreams()
    const open = (n: number) =>
      streams.open(new Slow() as unknown as Response, {
        ...owner(0),
        sessionHash: `session ${Math.floor(n / STREAMS_PER_SESSION)}`,
      })
    for (let n = 0; n < STREAMS_PER_USER; n += 1) open(n)
    expect(() => open(STREAMS_PER_USER)).toThrow(/too_many_streams/)
    expect(() => streams.requireRoom(owner(99))).not.toThrow()
  })
})

describe('T09 a flood', () => {
  let database: TestDatabase
  let backend: TestBackend
  beforeAll(async () => {
    database = await createTestDatabase()
    backend = await startTestBackend(database, { settings: { trustedProxies: ['127.0.0.1'] } })
  })
  afterAll(async () => {
    await backend.close()
    await database.drop()
  })
  const from = (source: string) => ({ 'x-forwarded-for': source, 'x-forwarded-proto': 'https' })

  test('of one source is refused, others are served', async () => {
    let refused = 0
    for (let round = 0; round < 60 && refused === 0; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 100 }, () => backend.call('GET', '/nothing.js', { headers: from('203.0.113.7') })),
      )
      refused = answers.filter(({ status }) => status === 429).length
      const [one] = answers.filter(({ status }) => status === 429)
      if (one !== undefined)
        expect([one.json().type, one.headers['retry-after']]).toEqual(['/problems/too_many_requests', '60'])
    }
    expect(refused).toBeGreaterThan(0)
    expect((await backend.call('GET', '/nothing.js', { headers: from('203.0.113.8') })).status).toBe(404)
  })

  test('of one session is refused, another of the same person is served', async () => {
    const cookie = (await signInAs(database.kysely, 'viewer')).replace('rebootless', '__Host-rebootless')
    const other = (await signInAs(database.kysely, 'viewer')).replace('rebootless', '__Host-rebootless')
    const call = (session: string, n: number) =>
      backend.call('GET', '/api/v1/session', { headers: { ...from(`198.51.100.${n % 250}`), cookie: session } })
    let refused = 0
    for (let round = 0; round < 40 && refused === 0; round += 1) {
      const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => call(cookie, n)))
      refused = answers.filter(({ status }) => status === 429).length
      expect(answers.every(({ status }) => status === 200 || status === 429)).toBe(true)
    }
    expect(refused).toBeGreaterThan(0)
    expect((await call(other, 0)).status).toBe(200)
  })

  test('of sockets that say nothing holds nobody up', async () => {
    const sockets = Array.from({ length: 200 }, () => connect(backend.port, '127.0.0.1'))
    for (const socket of sockets) socket.on('error', () => undefined).write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n')
    expect((await backend.call('GET', '/healthz')).status).toBe(200)
    for (const socket of sockets) socket.destroy()
  })
})
