// Goal: one dialog serves every call that wants a proof, and each call is repeated once. Method: a stand-in for fetch that
// refuses until a proof is given, and a listener in the dialog's place.
import { act, renderHook, waitFor } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { createClient } from './client.ts'
import { proofDesk, useProofWanted } from './proof-desk.ts'

const tooOld = () =>
  new Response(JSON.stringify({ type: '/problems/authentication_too_old', title: 'Prove again', detail: 'Prove.' }), {
    status: 401,
  })

/** A server that wants a proof until one was given. */
const server = () => {
  let proven = false
  const send = vi.fn<typeof fetch>(async () => (proven ? new Response('{}', { status: 200 }) : tooOld()))
  return { send, prove: () => (proven = true), client: createClient(send, proofDesk.ask) }
}
const newToken = { body: { name: 'ci', role: 'viewer', validDays: 1 } } as const

test('T25 a call that wants a proof waits for the dialog, and is then made once more', async () => {
  const { send, prove, client } = server()
  const { result } = renderHook(useProofWanted)
  expect(result.current).toBe(false)
  let calls: Promise<unknown[]> = Promise.resolve([])
  await act(async () => {
    calls = Promise.all([client.post('/api/v1/tokens', newToken), client.post('/api/v1/tokens', newToken)])
    await vi.waitFor(() => expect(send).toHaveBeenCalledTimes(2))
  })
  await waitFor(() => expect(result.current).toBe(true))
  await act(async () => {
    prove()
    proofDesk.given()
    await calls
  })
  expect(send).toHaveBeenCalledTimes(4)
  expect(result.current).toBe(false)
})

test('T25 a call that is refused although a proof was given is not repeated for ever', async () => {
  const { send, client } = server()
  const { result } = renderHook(useProofWanted)
  const call = client.post('/api/v1/tokens', newToken)
  await waitFor(() => expect(result.current).toBe(true))
  act(() => proofDesk.given())
  await expect(call).rejects.toMatchObject({ code: 'authentication_too_old' })
  expect(send).toHaveBeenCalledTimes(2)
})

test('closing the dialog, or leaving the page, does nothing and says so', async () => {
  const { send, client } = server()
  const { result, unmount } = renderHook(useProofWanted)
  const closed = client.post('/api/v1/tokens', newToken)
  await waitFor(() => expect(result.current).toBe(true))
  act(() => proofDesk.refuse())
  await expect(closed).rejects.toMatchObject({ code: 'not_proven' })
  const left = client.post('/api/v1/tokens', newToken)
  await waitFor(() => expect(result.current).toBe(true))
  unmount()
  await expect(left).rejects.toMatchObject({ code: 'not_proven' })
  expect(send).toHaveBeenCalledTimes(2)
})

test('where nobody can answer, the problem stays what it was', async () => {
  const { client } = server()
  await expect(client.post('/api/v1/tokens', newToken)).rejects.toMatchObject({ code: 'authentication_too_old' })
})
