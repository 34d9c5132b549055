import * as z from 'zod'
import type { Role } from '../domain/words.ts'
import { EnrolmentToken, EnrolmentTokenRequest } from './enrolment.ts'
import { FleetEvent } from './event.ts'
import { FleetSummary } from './fleet.ts'
import { HostDetail, HostList, HostListQuery, HostRaw } from './host.ts'
import { HostRedirections } from './host-redirections.ts'
import { HostTransition } from './host-transition.ts'
import { HostId } from './primitives.ts'
import { Session, SignInByLinkRequest, SignInRequest } from './session.ts'

/** `anyone` is written out, so that no route is open by forgetting. */
export type Audience = readonly Role[] | 'anyone'

export interface RouteDefinition {
  readonly summary: string
  readonly roles: Audience
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  readonly response: z.ZodType
  readonly status: 200 | 201 | 204
  /** `json` unless said otherwise; an event stream's `response` is the schema of one event. */
  readonly media?: 'json' | 'events'
}

const everyone = ['viewer', 'operator', 'approver', 'admin'] as const
const hostParams = z.strictObject({ id: HostId })
const nothing = z.null()

/**
 * The API, once: Express mounts and validates from it, OpenAPI is written from it, the browser's client takes its
 * types from it, and the authorisation test is generated from it.
 */
export const routes = {
  'POST /api/v1/session': {
    summary: 'Sign in with a name and a password; sets the session cookie',
    roles: 'anyone',
    body: SignInRequest,
    response: Session,
    status: 201,
  },
  'POST /api/v1/session/link': {
    summary: 'Sign in with the token of a one-time link; sets the session cookie',
    roles: 'anyone',
    body: SignInByLinkRequest,
    response: Session,
    status: 201,
  },
  'GET /api/v1/session': { summary: 'Who is signed in', roles: everyone, response: Session, status: 200 },
  'DELETE /api/v1/session': {
    summary: 'Sign out; ends this session everywhere',
    roles: everyone,
    response: nothing,
    status: 204,
  },
  'GET /api/v1/fleet/summary': {
    summary: 'Counts by state, provider and kernel; what needs someone; transitions under way',
    roles: everyone,
    response: FleetSummary,
    status: 200,
  },
  'GET /api/v1/hosts': {
    summary: 'A page of hosts by filter and order',
    roles: everyone,
    query: HostListQuery,
    response: HostList,
    status: 200,
  },
  'GET /api/v1/hosts/:id': {
    summary: 'Everything about one host',
    roles: everyone,
    params: hostParams,
    response: HostDetail,
    status: 200,
  },
  'GET /api/v1/hosts/:id/raw': {
    summary: 'What the agent read, file by file',
    roles: everyone,
    params: hostParams,
    response: HostRaw,
    status: 200,
  },
  'GET /api/v1/hosts/:id/transition': {
    summary: 'The transition that runs, or the last one: tasks, samples, phases, blocking tasks',
    roles: everyone,
    params: hostParams,
    response: HostTransition,
    status: 200,
  },
  'GET /api/v1/hosts/:id/redirections': {
    summary: 'Functions, their replacements in stack order, and which one a call reaches',
    roles: everyone,
    params: hostParams,
    response: HostRedirections,
    status: 200,
  },
  'POST /api/v1/enrolment-tokens': {
    summary: 'A single-use token for one more host, and the command to type there',
    roles: ['admin'],
    body: EnrolmentTokenRequest,
    response: EnrolmentToken,
    status: 201,
  },
  'GET /api/v1/events': {
    summary: 'Changes as server-sent events; resumes by Last-Event-ID',
    roles: everyone,
    response: FleetEvent,
    status: 200,
    media: 'events',
  },
} as const satisfies Record<string, RouteDefinition>

export type Routes = typeof routes
export type RouteKey = keyof Routes
