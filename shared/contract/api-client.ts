import type { z } from 'zod'
import type { RouteKey, Routes } from './routes.ts'

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

/** The backend as functions: paths, parameters and answers come from the route table. Types alone, for browser and command line. */
export interface ApiClient {
  get<P extends PathOf<'GET'>>(path: P, given: Given<KeyOf<'GET', P>>): Promise<Answer<KeyOf<'GET', P>>>
  post<P extends PathOf<'POST'>>(path: P, given: Given<KeyOf<'POST', P>>): Promise<Answer<KeyOf<'POST', P>>>
  put<P extends PathOf<'PUT'>>(path: P, given: Given<KeyOf<'PUT', P>>): Promise<Answer<KeyOf<'PUT', P>>>
  patch<P extends PathOf<'PATCH'>>(path: P, given: Given<KeyOf<'PATCH', P>>): Promise<Answer<KeyOf<'PATCH', P>>>
  delete<P extends PathOf<'DELETE'>>(path: P, given: Given<KeyOf<'DELETE', P>>): Promise<Answer<KeyOf<'DELETE', P>>>
}

/** The same without its types, for whoever implements it. */
export interface LooseGiven {
  signal?: AbortSignal
  params?: Record<string, string>
  query?: Record<string, string | number | undefined>
  body?: unknown
}
