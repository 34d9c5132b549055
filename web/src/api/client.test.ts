// Goal: a caller gets what the contract says, or one kind of error. Method: a stand-in for fetch records what was asked.
import { describe, expect, test, vi } from 'vitest'
import { ApiProblem } from './api-problem.ts'
import { createClient } from './client.ts'

const answering = (body: unknown, init?: ResponseInit) =>
  vi.fn<typeof fetch>(async () => new Response(body === null ? null : JSON.stringify(body), init))

const failure = async (promise: Promise<unknown>): Promise<ApiProblem> => {
  const error = await promise.then(
    () => null,
    (cause: unknown) => cause,
  )
  if (!(error instanceof ApiProblem)) throw new Error(`expected an ApiProblem, got ${String(error)}`)
  return error
}

describe('the client', () => {
  test('fills parameters and search from the route, and leaves out what is not given', async () => {
    const send = answering({ items: [], nextCursor: null, total: 0, asOf: '' })
    await createClient(send).get('/api/v1/hosts', { query: { filter: 'label.env:prod kernel:6.12*', limit: 5 } })
    expect(send.mock.calls[0]?.[0]).toBe('/api/v1/hosts?filter=label.env%3Aprod+kernel%3A6.12*&limit=5')
  })

  test('a parameter cannot leave its place in the path', async () => {
    const send = answering({})
    await createClient(send).get('/api/v1/hosts/:id/raw', { params: { id: '../session?x#y' } })
    expect(send.mock.calls[0]?.[0]).toBe('/api/v1/hosts/..%2Fsession%3Fx%23y/raw')
  })

  test('sends a body as JSON and takes 204 for null', async () => {
    const send = answering(null, { status: 204 })
    expect(await createClient(send).delete('/api/v1/session', {})).toBeNull()
    await createClient(send).post('/api/v1/session/link', { body: { token: 't' } })
    expect(send.mock.calls[1]?.[1]).toMatchObject({
      method: 'POST',
      body: '{"token":"t"}',
      headers: { 'content-type': 'application/json' },
    })
  })

  test('a problem keeps code, detail and request id', async () => {
    const send = answering(
      {
        type: '/problems/host_not_found',
        title: 'Host not found',
        status: 404,
        detail: 'No such host.',
        requestId: 'r1',
      },
      { status: 404 },
    )
    const problem = await failure(createClient(send).get('/api/v1/hosts/:id', { params: { id: 'x' } }))
    expect(problem).toMatchObject({ code: 'host_not_found', status: 404, detail: 'No such host.', requestId: 'r1' })
  })

  test("what is not ours, as a proxy's page, is still a problem that can be read", async () => {
    const send = vi.fn<typeof fetch>(async () => new Response('<h1>Bad gateway</h1>', { status: 502 }))
    const problem = await failure(createClient(send).get('/api/v1/session', {}))
    expect(problem).toMatchObject({ code: 'unreadable', status: 502, requestId: null })
  })

  test('no answer is `unreachable`, but giving up is not an error of the server', async () => {
    const dead = vi.fn<typeof fetch>(async () => Promise.reject(new TypeError('failed')))
    expect(await failure(createClient(dead).get('/api/v1/session', {}))).toMatchObject({
      code: 'unreachable',
      status: 0,
    })
    const aborted = vi.fn<typeof fetch>(async () => Promise.reject(new DOMException('', 'AbortError')))
    await expect(createClient(aborted).get('/api/v1/session', {})).rejects.toThrow(DOMException)
  })
})
