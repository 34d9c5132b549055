// Goal: no packet leaves for an address that is not public, unless a setting names it. Method: real listeners on this
// machine count what reaches them; resolvers and addresses try each way round the guard.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createGuardedFetch } from './guarded-fetch.ts'

let server: Server
let port: number
let connections = 0
let answer: (request: IncomingMessage, response: ServerResponse) => void
beforeAll(async () => {
  server = createServer((request, response) => answer(request, response))
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '::', resolve))
  port = (server.address() as AddressInfo).port
})
afterEach(() => {
  connections = 0
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

/** Answers with one list of addresses after the other, the last for ever; `asked` counts. */
const resolver = (...answers: string[][]) => {
  const state = { asked: 0 }
  const lookup: LookupFunction = (_name, { all }, done) => {
    const found = answers[Math.min(state.asked, answers.length - 1)] ?? []
    state.asked += 1
    const typed = found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    if (all === true) done(null, typed)
    else done(null, typed[0]?.address ?? '', typed[0]?.family)
  }
  return { lookup, state }
}

describe('T12 without the setting, no packet to', () => {
  test.each([
    'https://127.0.0.1',
    'https://2130706433',
    'https://0x7f.1',
    'https://0177.0.0.1',
    'https://127.1',
    'https://0.0.0.0',
    'https://[::1]',
    'https://[::]',
    'https://[::ffff:127.0.0.1]',
    'https://[::ffff:7f00:1]',
    'https://[64:ff9b::7f00:1]',
    'https://[fe80::1]',
    'https://[fd00::1]',
    'https://10.0.0.1',
    'https://172.16.0.1',
    'https://192.168.0.1',
    'https://100.64.0.1',
    'https://169.254.169.254',
    'https://224.0.0.1',
    'https://255.255.255.255',
    'https://localhost',
  ])('%s', async (origin) => {
    const call = createGuardedFetch({ networks: [], timeoutMs: 2_000 })(`${origin}:${port}/`)
    await expect(call).rejects.toMatchObject({ code: 'outgoing_refused', detail: /not public/ })
    expect(connections).toBe(0)
  })

  test.each([
    [['127.0.0.1']],
    [['::1']],
    [['::ffff:127.0.0.1']],
    [['169.254.169.254']],
    [['203.0.113.1', '127.0.0.1']],
    [['127.0.0.1', '203.0.113.1']],
  ])('a name that resolves to %s', async (addresses) => {
    const { lookup } = resolver(addresses)
    const call = createGuardedFetch({ networks: [], lookup, timeoutMs: 2_000 })(`https://idp.example:${port}/`)
    await expect(call).rejects.toMatchObject({ code: 'outgoing_refused' })
    expect(connections).toBe(0)
  })

  test.each(['http://idp.example', 'http://93.184.215.14', 'ftp://idp.example', 'file:///etc/passwd', 'data:,x'])(
    '%s, which is not https',
    async (url) => {
      const { lookup, state } = resolver(['127.0.0.1'])
      const call = createGuardedFetch({ networks: [], lookup })(url)
      await expect(call).rejects.toMatchObject({ code: 'outgoing_refused' })
      expect([connections, state.asked]).toEqual([0, 0])
    },
  )

  test('an address with a password in it', async () => {
    const call = createGuardedFetch({ networks: ['127.0.0.1'] })(`http://a:b@127.0.0.1:${port}/`)
    await expect(call).rejects.toMatchObject({ code: 'outgoing_refused' })
    expect(connections).toBe(0)
  })
})

describe('T12 a resolver that changes its answer', () => {
  test('from a named network to loopback reaches neither', async () => {
    const { lookup, state } = resolver(['192.0.2.1'], ['127.0.0.1'])
    const call = createGuardedFetch({ networks: ['192.0.2.0/24'], lookup, timeoutMs: 1_000 })
    await expect(call(`http://idp.example:${port}/`)).rejects.toMatchObject({ code: 'outgoing_failed' })
    // Asked once, and what it said then was called, not what it would say next.
    expect([connections, state.asked]).toEqual([0, 1])
  })
  test('from a public address to loopback is judged by what would be connected to', async () => {
    const { lookup, state } = resolver(['93.184.215.14'], ['127.0.0.1'])
    const call = createGuardedFetch({ networks: ['192.0.2.0/24'], lookup, timeoutMs: 1_000 })
    await expect(call(`https://idp.example:${port}/`)).rejects.toMatchObject({ code: 'outgoing_refused' })
    expect([connections, state.asked]).toEqual([0, 2])
  })
  test('a name with one address in a named network and one outside is not called without TLS', async () => {
    const { lookup } = resolver(['127.0.0.1', '10.0.0.1'])
    const call = createGuardedFetch({ networks: ['127.0.0.0/8'], lookup })(`http://idp.example:${port}/`)
    await expect(call).rejects.toMatchObject({ code: 'outgoing_refused' })
    expect(connections).toBe(0)
  })
})

describe('T12 an address that the setting names', () => {
  const call = createGuardedFetch({ networks: ['127.0.0.0/8'], timeoutMs: 500, answerBytesMax: 1_000 })

  test('is called, with what was given and no more', async () => {
    let got: unknown
    answer = (request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const { method, headers } = request
        got = { method, body: Buffer.concat(parts).toString(), type: headers['content-type'], cookie: headers.cookie }
        response.writeHead(201, { 'x-answer': 'yes' }).end('{"a":1}')
      })
    }
    const { lookup } = resolver(['127.0.0.1'])
    const byName = createGuardedFetch({ networks: ['127.0.0.0/8'], lookup })
    const response = await byName(`http://idp.example:${port}/token`, {
      method: 'POST',
      body: new URLSearchParams({ code: 'x y' }),
    })
    expect([response.status, response.headers.get('x-answer'), await response.json()]).toEqual([201, 'yes', { a: 1 }])
    const type = 'application/x-www-form-urlencoded;charset=UTF-8'
    expect(got).toEqual({ method: 'POST', body: 'code=x+y', type, cookie: undefined })
  })
  test('is not followed to the metadata address, nor anywhere', async () => {
    answer = (_request, response) => response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end()
    await expect(call(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
      code: 'outgoing_refused',
      detail: /redirects elsewhere/,
    })
    expect(connections).toBe(1)
  })
  test('is cut at the size limit, however long it would go on', async () => {
    let ended = false
    answer = (_request, response) => {
      const timer = setInterval(() => response.write('x'.repeat(600)), 5)
      response.on('close', () => {
        ended = true
        clearInterval(timer)
      })
    }
    await expect(call(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ detail: /larger than 1000 bytes/ })
    await expect.poll(() => ended).toBe(true)
  })
  test('has its time, headers and body together', async () => {
    answer = (_request, response) => {
      const timer = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(timer))
    }
    await expect(call(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: 'outgoing_failed' })
    answer = () => undefined
    await expect(call(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ detail: /did not answer within 0.5 s/ })
  })
  test('a resolver that never answers is not waited for', async () => {
    const silent = createGuardedFetch({ networks: ['127.0.0.0/8'], lookup: () => undefined, timeoutMs: 50 })
    const first = await Promise.race([silent('https://idp.example/').catch(() => 'given up'), sleep(5_000, 'waiting')])
    expect(first).toBe('given up')
  })
  test('that closes its port is told so', async () => {
    await expect(call('http://127.0.0.1:1/')).rejects.toMatchObject({
      ...{
        code: 'outgoing_failed',
        detail: '127.0.0.1:1 could not be reached: check the address, and that it answers.',
      },
    })
  })
})
