import type { ApiClient, LooseGiven } from '@rebootless/shared/contract/api-client.ts'
import { routeAddress } from '@rebootless/shared/domain/route-address.ts'
import { ApiProblem, problemOf } from './api-problem.ts'
import { traceClick } from './click-trace.ts'
import { proofDesk } from './proof-desk.ts'

/**
 * The backend as typed functions: paths, parameters and answers come from the route table.
 *
 * @param prove has the person prove again who it is when an act wants that; the call is then made once more. It rejects
 * when nothing was proven.
 * @throws ApiProblem for every answer that is not 2xx (RFC 9457), and with type `unreachable` when none came.
 */
export const createClient = (send: typeof fetch, prove?: (asked: ApiProblem) => Promise<void>): ApiClient => {
  const call = async (
    method: string,
    path: string,
    given: LooseGiven,
    trace = method === 'GET' ? undefined : traceClick(send, `${method} ${path}`),
    again = false,
  ): Promise<unknown> => {
    const headers: Record<string, string> = { accept: 'application/json, application/problem+json' }
    const init: RequestInit = { method, headers }
    if (given.signal) init.signal = given.signal
    if (trace) headers.traceparent = trace.traceParent
    if (given.body !== undefined) {
      init.body = JSON.stringify(given.body)
      headers['content-type'] = 'application/json'
    }
    const response = await send(routeAddress(path, given), init).catch((cause: unknown) => {
      if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
      throw ApiProblem.unreachable(cause)
    })
    trace?.answered(response)
    if (!response.ok) {
      const problem = await problemOf(response)
      if (problem.code !== 'authentication_too_old' || prove === undefined || again) throw problem
      await prove(problem)
      return call(method, path, given, trace, true)
    }
    return response.status === 204 ? null : await response.json()
  }
  const method = (name: string) => (path: string, given: LooseGiven) => call(name, path, given)
  // The one place where the wire meets the types: tests parse the answers with the contract's schemas instead.
  const methods = { put: method('PUT'), patch: method('PATCH'), delete: method('DELETE') }
  return { get: method('GET'), post: method('POST'), ...methods } as unknown as ApiClient
}

export const api = createClient((input, init) => fetch(input, init), proofDesk.ask)
