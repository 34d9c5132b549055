import * as z from 'zod'
import type { Role } from '../domain/words.ts'
import { HostId } from './primitives.ts'

/** `anyone` is written out, so that no route is open by forgetting. */
export type Audience = readonly Role[] | 'anyone'

/**
 * How a person's scope of hosts bears on a route (threat-model T06, T07). `hosts`: the answer tells of hosts in scope
 * alone. `host`: the path names a host, and one out of scope answers as one that is not there. `whole fleet`: refused to
 * whoever has a scope. `none`: no host is touched or told of.
 */
export type ScopeRule = 'hosts' | 'host' | 'whole fleet' | 'none'

export interface RouteDefinition {
  readonly summary: string
  readonly roles: Audience
  readonly scope: ScopeRule
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  /** `octets`: the body is a file, and the handler reads it from `call.bytes` as it comes; left out: JSON. */
  readonly requestMedia?: 'octets'
  /** The largest JSON body, in bytes; left out: 64 KiB. For what the schema allows and that is too small for. */
  readonly bodyBytesMax?: number
  readonly response: z.ZodType
  readonly status: 200 | 201 | 202 | 204 | 303
  /** Not by an API token: what makes users, sessions or tokens, and what approves, needs a person (T11). */
  readonly by?: 'person'
  /** Asks for the password, or a second factor, again when the last time is minutes ago (T25). */
  readonly reauthenticate?: true
  /**
   * `json` unless said otherwise; an event stream's `response` is the schema of one event. `redirect`: sends the browser
   * on and answers nothing. The others are files, sent as they are made; `ndjson`'s `response` is the schema of one line.
   */
  readonly media?: 'json' | 'events' | 'redirect' | 'ndjson' | 'csv' | 'json_file'
}

export const everyone = ['viewer', 'operator', 'approver', 'admin'] as const
export const hostParams = z.strictObject({ id: HostId })
export const nothing = z.null()
