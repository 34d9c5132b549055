import type { RouteKey, Routes } from '@rebootless/shared/contract/routes.ts'
import type { z } from 'zod'
import { ApiProblem, problemOf } from './api-problem.ts'
import { proofDesk } from './proof-desk.ts'

type SchemaOf<Key extends RouteKey, Part extends string> =
  Routes[Key] extends Record<Part, infer S extends z.ZodType> ? S : never

/** What a route answers, as it stands in the contract. */
type Answer<Key extends RouteKey> = z.output<SchemaOf<Key, 'response'>>

type Given<Key extends RouteKey> = {
  signal?: AbortSignal
} & (Routes[Key] extends { params: z.ZodType } ? { params: z.input<SchemaOf<Key, 'params'>> } : unknown) &
  (Routes[Key] extends { query: z.ZodType } ? { query?: z.input<SchemaOf<Key, 'query'>> } : unknown) &
  (Routes[Key] extends { body: z.ZodType } ? { body: z.input<SchemaOf<Key, 'body'>> } : unknown)

type PathOf<Method extends string> = RouteKey extends infer K ? (K extends `${Method} ${infer P}` ? P : never) : never
type KeyOf<Method extends string, Path extends string> = Extract<`${Method} ${Path}`, RouteKey>

export interface ApiClient {
  get<P extends PathOf<'GET'>>(path: P, given: Given<KeyOf<'GET', P>>): Promise<Answer<KeyOf<'GET', P>>>
  post<P extends PathOf<'POST'>>(path: P, given: Given<KeyOf<'POST', P>>): Promise<Answer<KeyOf<'POST', P>>>
  put<P extends PathOf<'PUT'>>(path: P, given: Given<KeyOf<'PUT', P>>): Promise<Answer<KeyOf<'PUT', P>>>
  patch<P extends PathOf<'PATCH'>>(path: P, given: Given<KeyOf<'PATCH', P>>): Promise<Answer<KeyOf<'PATCH', P>>>
  delete<P extends PathOf<'DELETE'>>(path: P, given: Given<KeyOf<'DELETE', P>>): Promise<Answer<KeyOf<'DELETE', P>>>
}

interface Loose {
  signal?: AbortSignal
  params?: Record<string, string>
  query?: Record<string, string | number | undefined>
  body?: unknown
}

const urlOf = (path: string, given: Loose): string => {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(given.params?.[name] ?? ''))
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(given.query ?? {}))
    if (value !== undefined && value !== '') search.set(key, String(value))
  const text = search.toString()
  return text === '' ? filled : `${filled}?${text}`
}

/**
 * The backend as typed functions: paths, parameters and answers come from the route table.
 *
 * @param prove has the person prove again who it is when an act wants that; the call is then made once more. It rejects
 * when nothing was proven.
 * @throws ApiProblem for every answer that is not 2xx (RFC 9457), and with type `unreachable` when none came.
 */
export const createClient = (send: typeof fetch, prove?: (asked: ApiProblem) => Promise<void>): ApiClient => {
  const call = async (method: string, path: string, given: Loose, again = false): Promise<unknown> => {
    const init: RequestInit = { method, headers: { accept: 'application/json, application/problem+json' } }
    if (given.signal) init.signal = given.signal
    if (given.body !== undefined) {
      init.body = JSON.stringify(given.body)
      init.headers = { ...init.headers, 'content-type': 'application/json' }
    }
    const response = await send(urlOf(path, given), init).catch((cause: unknown) => {
      if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
      throw ApiProblem.unreachable(cause)
    })
    if (!response.ok) {
      const problem = await problemOf(response)
      if (problem.code !== 'authentication_too_old' || prove === undefined || again) throw problem
      await prove(problem)
      return call(method, path, given, true)
    }
    return response.status === 204 ? null : await response.json()
  }
  const method = (name: string) => (path: string, given: Loose) => call(name, path, given)
  // The one place where the wire meets the types: tests parse the answers with the contract's schemas instead.
  const methods = { put: method('PUT'), patch: method('PATCH'), delete: method('DELETE') }
  return { get: method('GET'), post: method('POST'), ...methods } as unknown as ApiClient
}

export const api = createClient((input, init) => fetch(input, init), proofDesk.ask)
