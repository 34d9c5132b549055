// Goal: an act that comes of a click carries a trace that begins at the click, and a server that collects traces is told how long it took.
// Method: clicks on a button, and a stand-in for fetch that records what was asked.
import { ClickSpan } from '@rebootless/shared/contract/click-spans.ts'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createClient } from './client.ts'

const token = { body: { name: 'ci', role: 'viewer', validDays: 1 } } as const
const answering = (...answers: readonly { body: unknown; status?: number; traced?: boolean }[]) => {
  const left = [...answers]
  return vi.fn<typeof fetch>(async () => {
    const { body, status = 200, traced = true } = left.shift() ?? { body: {} }
    return new Response(JSON.stringify(body), {
      status,
      ...(traced && { headers: { traceresponse: '00-trace-span-01' } }),
    })
  })
}
type Send = ReturnType<typeof answering>
const asked = (send: Send, call: number) => {
  const [address, init] = send.mock.calls[call] ?? []
  return { address, body: String(init?.body), headers: new Headers(init?.headers) }
}
const click = () => document.body.click()
let now = 10_000
beforeEach(() => {
  now += 60_000
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  vi.spyOn(Event.prototype, 'timeStamp', 'get').mockImplementation(() => now)
})
afterEach(() => vi.restoreAllMocks())

test('the request is the click’s child, and the click ends when its answer is there', async () => {
  const send = answering({ body: {}, status: 201 })
  click()
  now += 40
  const made = createClient(send).post('/api/v1/tokens', token)
  now += 100
  await made
  expect(send).toHaveBeenCalledTimes(2)
  const { address, body, headers } = asked(send, 1)
  expect(address).toBe('/api/v1/click-spans')
  expect(headers.get('traceparent')).toBeNull()
  const told = ClickSpan.parse(JSON.parse(body))
  expect(told).toMatchObject({ route: 'POST /api/v1/tokens', tookMs: 140, status: 201 })
  expect(asked(send, 0).headers.get('traceparent')).toBe(told.traceParent)
})

test('each click is a trace of its own', async () => {
  const send = answering({ body: {}, traced: false }, { body: {}, traced: false })
  for (let n = 0; n < 2; n += 1) {
    click()
    await createClient(send).post('/api/v1/tokens', token)
  }
  const ids = [0, 1].map((call) => asked(send, call).headers.get('traceparent'))
  expect(new Set(ids).size).toBe(2)
})

test('a server that collects no traces is told nothing', async () => {
  const send = answering({ body: {}, traced: false })
  click()
  await createClient(send).post('/api/v1/tokens', token)
  expect(send).toHaveBeenCalledTimes(1)
})

test('neither a read nor what a page does by itself is of a click', async () => {
  const send = answering({ body: {} }, { body: {} })
  click()
  await createClient(send).get('/api/v1/session', {})
  now += 3_000
  await createClient(send).post('/api/v1/tokens', token)
  expect(send).toHaveBeenCalledTimes(2)
  expect([0, 1].map((call) => asked(send, call).headers.get('traceparent'))).toEqual([null, null])
})

test('an act that is made again after a proof stays of its click', async () => {
  const send = answering(
    { body: { type: '/problems/authentication_too_old' }, status: 401, traced: false },
    { body: { made: true } },
  )
  click()
  const proven = createClient(send, async () => {
    now += 30_000
  })
  expect(await proven.post('/api/v1/tokens', token)).toEqual({ made: true })
  const [first, second] = [0, 1].map((call) => asked(send, call).headers.get('traceparent'))
  expect(second).toBe(first)
  expect(ClickSpan.parse(JSON.parse(asked(send, 2).body)).tookMs).toBe(30_000)
})

test('a click that cannot be told harms nobody', async () => {
  const send = answering({ body: { made: true } })
  const failing: typeof fetch = (input, init) =>
    String(input).endsWith('click-spans') ? Promise.reject(new TypeError('failed')) : send(input, init)
  click()
  expect(await createClient(failing).post('/api/v1/tokens', token)).toEqual({ made: true })
})
