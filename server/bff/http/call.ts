import type { AuditActor } from '@rebootless/shared/contract/audit.ts'
import type { RouteDefinition } from '@rebootless/shared/contract/route.ts'
import type { RouteKey, Routes } from '@rebootless/shared/contract/routes.ts'
import type { Role } from '@rebootless/shared/domain/words.ts'
import type { Request, Response } from 'express'
import type { z } from 'zod'
import type { HostScope } from '../hosts/host-scope.ts'

/** Who asks, as found in the database for this very request: a changed role or an ended session acts at once. */
export interface SignedIn {
  readonly userId: string
  readonly username: string
  readonly role: Role
  /** Of the session, or of the API token with what it may do: an event stream ends when it is not alive any more. */
  readonly sessionHash: string
  readonly expiresAt: Date
  /** Text of the filter language that selects by labels (shared/domain/host-scope.ts); null: the whole fleet. */
  readonly scope: string | null
  /** Of a person with a cookie, or a script with an API token: approving needs a person (T11). */
  readonly via: 'session' | 'token'
  /** With `token` only. */
  readonly token?: { readonly id: string; readonly name: string }
  /** When he last proved who he is; null for a token. */
  readonly authenticatedAt: Date | null
}

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined
type Part<D, K extends 'params' | 'query' | 'body'> = D extends { readonly [P in K]: infer S } ? Parsed<S> : undefined

/** What a handler gets: all of it parsed by the contract, and only after somebody was found to be allowed. */
export interface Call<D extends RouteDefinition = RouteDefinition> {
  readonly params: Part<D, 'params'>
  readonly query: Part<D, 'query'>
  readonly body: Part<D, 'body'>
  /** Of a route that takes a file: its body, as it comes. */
  readonly bytes: D extends { readonly requestMedia: 'octets' } ? AsyncIterable<Buffer> : undefined
  /** Null on routes for anyone, and there only. */
  readonly signedIn: D['roles'] extends 'anyone' ? SignedIn | null : SignedIn
  /** Which hosts he may see and act on; null where the route's rule is `none`, so that such a route asks for no host. */
  readonly scope: D['scope'] extends 'none' ? null : HostScope
  /** Address of the client, through declared proxies only. */
  readonly source: string
  /** What the client calls itself: hostile text, cut. */
  readonly userAgent: string | null
  /** The name under which the browser reached us, without port. */
  readonly hostName: string
  readonly requestId: string
  /** Who asks, as the audit log names him. */
  readonly actor: AuditActor
  readonly cookies: SessionCookies
}

export interface SessionCookies {
  set(token: string): void
  clear(): void
}

type JsonHandler<D extends RouteDefinition> = (call: Call<D>) => Promise<z.input<D['response']>>
/** Answers by itself, for as long as it likes. */
export type StreamHandler<D extends RouteDefinition = RouteDefinition> = (
  call: Call<D>,
  request: Request,
  response: Response,
) => Promise<void>

type HandlerOf<D extends RouteDefinition> = D extends {
  readonly media: 'events' | 'redirect' | 'ndjson' | 'csv' | 'json_file'
}
  ? StreamHandler<D>
  : JsonHandler<D>

/** One handler for each route of the contract: a missing one does not compile. */
export type Handlers = { readonly [K in RouteKey]: HandlerOf<Routes[K]> }
