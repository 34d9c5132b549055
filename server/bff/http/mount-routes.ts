import type { AuditActor } from '@rebootless/shared/contract/audit.ts'
import type { RouteDefinition, ScopeRule } from '@rebootless/shared/contract/route.ts'
import type { RouteKey, Routes } from '@rebootless/shared/contract/routes.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import express, { type Express, type Request, type RequestHandler, type Response } from 'express'
import type { Refusal } from '../audit/refusals.ts'
import { currentTraceParent } from '../tracing/trace-context.ts'
import type { Tracing } from '../tracing/tracing.ts'
import { authorise, type Decision, isDecision, requireProof } from './authorise.ts'
import type { Call, Handlers, SessionCookies, SignedIn, StreamHandler } from './call.ts'
import { hostNameOf, requireOwnOrigin } from './origin-guard.ts'
import { parsePart, readQuery, refuseForbiddenParts } from './parse-request.ts'
import { RATES, RequestRate } from './request-rate.ts'
import type { RequestsUnderWay } from './requests-under-way.ts'
import { type HostInScope, requireHost, requireScope } from './require-scope.ts'
import { UnsentAnswers } from './unsent-answers.ts'

export interface MountOptions {
  /** Who asks; null when nobody is signed in. */
  readonly findSignedIn: (request: Request) => Promise<SignedIn | null>
  readonly now: () => Date
  readonly hostInScope: HostInScope
  readonly cookies: (request: Request, response: Response) => SessionCookies
  /** Told of each request that came to nothing, before it is answered (T30). */
  readonly refused?: (refusal: Refusal) => Promise<void>
  /** Answers within a trace, where somebody collects traces. */
  readonly trace?: Tracing['request'] | undefined
  /** Counts those whose answers somebody waits for; event streams never end. */
  readonly underWay?: Pick<RequestsUnderWay, 'add'> | undefined
  /** Told how each request went, by route. */
  readonly observe?: (route: string, status: number, seconds: number) => void
}

const BODY_BYTES_MAX = 64 * 1024
const USER_AGENT_CHARACTERS_MAX = 256
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const
type Method = (typeof METHODS)[number]
const SCOPE_RULES: readonly unknown[] = ['hosts', 'host', 'whole fleet', 'none'] satisfies ScopeRule[]
const isMethod = (word: string): word is Method => METHODS.some((method) => method === word)

type ReadBody = (request: Request, response: Response) => Promise<void>
const bodyReader = ({ bodyBytesMax = BODY_BYTES_MAX }: RouteDefinition): ReadBody => {
  const parseJson = express.json({ limit: bodyBytesMax, type: 'application/json', inflate: false })
  return (request, response) =>
    new Promise((resolve, reject) => {
      parseJson(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)))
    })
}

/** `POST /api/v1/hosts/:id` → method and path; a route that says less than it must stops the start (T06). */
const readKey = (key: string, definition: RouteDefinition): { method: Method; path: string } => {
  const [verb = '', path = ''] = key.split(' ')
  const method = verb.toLowerCase()
  if (!isMethod(method) || !path.startsWith('/')) throw new Error(`route ${key} has no method and path`)
  const audience: unknown = definition.roles
  if (audience !== 'anyone' && !(Array.isArray(audience) && audience.length > 0)) {
    throw new Error(`route ${key} does not say who may use it, so it is not mounted`)
  }
  const { scope } = definition
  if (!SCOPE_RULES.includes(scope) || (audience === 'anyone' && scope !== 'none')) {
    throw new Error(`route ${key} does not say whose hosts it bears on, so it is not mounted`)
  }
  if ((scope === 'host') !== /\/hosts\/:id(\/|$)/.test(path) && scope !== 'whole fleet') {
    throw new Error(`route ${key} names a host as /hosts/:id with the rule host, or does not name one`)
  }
  return { method, path }
}

const unsentAnswers = new UnsentAnswers()

/** The only way out for data: asks for the proof that somebody was allowed, and lets declared fields through alone. */
const answer = (response: Response, definition: RouteDefinition, decision: Decision, body: unknown): void => {
  if (!isDecision(decision)) throw new Error('an answer without an authorisation decision')
  response.status(definition.status)
  if (definition.status === 204) {
    response.end()
    return
  }
  const text = JSON.stringify(definition.response.parse(body))
  unsentAnswers.add(response, Buffer.byteLength(text))
  response.setHeader('Content-Type', 'application/json; charset=utf-8')
  response.end(text)
}

const actorOf = (signedIn: SignedIn | null, address: string | undefined): AuditActor => {
  const { token, userId: id = null, username: name = 'not signed in' } = signedIn ?? {}
  const who =
    token === undefined
      ? ({ kind: 'user', id, name } as const)
      : ({ kind: 'token', id: token.id, name: `${name}: ${token.name}` } as const)
  return { ...who, address: address ?? null }
}

/** Host first, then origin, then who asks, then whose hosts, and only then what is asked: a stranger learns nothing from a mistake. */
const handle =
  (
    definition: RouteDefinition,
    readBody: ReadBody,
    handler: unknown,
    options: MountOptions,
    rates: RequestRate,
  ): RequestHandler =>
  async (request, response) => {
    requireOwnOrigin(request, definition.requestMedia)
    const decision = authorise(definition.roles, await options.findSignedIn(request))
    if (decision.signedIn !== null) rates.take(decision.signedIn.sessionHash, performance.now())
    requireProof(definition, decision.signedIn, options.now())
    if (decision.signedIn !== null) {
      response.setHeader('Cache-Control', 'no-store')
      // By it a page knows that somebody collects traces (a draft of W3C, "Trace Context HTTP Response Format").
      const traceParent = currentTraceParent()
      if (traceParent !== null) response.setHeader('Traceresponse', traceParent)
    }
    const scope = requireScope(definition.scope, decision.signedIn)
    const params = parsePart(definition.params, { ...request.params }, 'query_invalid', 'path')
    await requireHost(definition.scope, scope, params, options.hostInScope)
    if (definition.body !== undefined) {
      await readBody(request, response)
      refuseForbiddenParts(request.body)
    }
    const call = {
      userAgent: request.headers['user-agent']?.slice(0, USER_AGENT_CHARACTERS_MAX) ?? null,
      params,
      query: parsePart(definition.query, readQuery(request.url), 'query_invalid', 'query'),
      body:
        definition.body === undefined ? undefined : parsePart(definition.body, request.body, 'body_invalid', 'body'),
      // Left whole, so that a refusal in the middle still finds its way out.
      bytes: definition.requestMedia === 'octets' ? request.iterator({ destroyOnReturn: false }) : undefined,
      signedIn: decision.signedIn,
      scope,
      source: request.ip ?? 'unknown',
      hostName: hostNameOf(request.headers.host) ?? 'localhost',
      requestId: String(request.id),
      actor: actorOf(decision.signedIn, request.ip),
      cookies: options.cookies(request, response),
    } as Call
    if (definition.media !== undefined && definition.media !== 'json') {
      await (handler as StreamHandler)(call, request, response)
      return
    }
    const result = await (handler as (call: Call) => Promise<unknown>)(call)
    if (!response.closed) answer(response, definition, decision, result)
  }

/** `handle`, and word of what came to nothing: by whom, as far as that was found out. */
const handleAndTell =
  (
    key: string,
    definition: RouteDefinition,
    readBody: ReadBody,
    handler: unknown,
    options: MountOptions,
    rates: RequestRate,
  ): RequestHandler =>
  async (request, response, next) => {
    let signedIn: SignedIn | null = null
    const findSignedIn: MountOptions['findSignedIn'] = async (asked) => {
      signedIn = await options.findSignedIn(asked)
      return signedIn
    }
    try {
      await handle(definition, readBody, handler, { ...options, findSignedIn }, rates)(request, response, next)
    } catch (error) {
      const actor = actorOf(signedIn, request.ip)
      const { roles } = definition
      await options.refused?.({ route: key, roles, actor, requestId: String(request.id), error })
      throw error
    }
  }

/**
 * Mounts every route of the contract. A known path with another method is 405; what Express calls a path parameter is
 * checked by the contract like all else.
 * @throws Error when a route does not declare who may use it
 */
export const mountRoutes = (app: Express, table: Routes, handlers: Handlers, options: MountOptions): void => {
  const methodsByPath = new Map<string, string[]>()
  const rates = new RequestRate(RATES.session)
  for (const key of Object.keys(table) as RouteKey[]) {
    const definition: RouteDefinition = table[key]
    const { method, path } = readKey(key, definition)
    const readBody = bodyReader(definition)
    methodsByPath.set(path, [...(methodsByPath.get(path) ?? []), method.toUpperCase()])
    const measured: RequestHandler = (request, response, next) => {
      const startedAt = performance.now()
      response.once('finish', () => options.observe?.(key, response.statusCode, (performance.now() - startedAt) / 1000))
      if ((definition.media ?? 'json') === 'json') options.underWay?.add(response)
      const answer = () =>
        handleAndTell(key, definition, readBody, handlers[key], options, rates)(request, response, next)
      return options.trace === undefined ? answer() : options.trace(key, request, response, answer)
    }
    app[method](path, measured)
  }
  for (const [path, methods] of methodsByPath) {
    const allowed = methods.includes('GET') ? [...methods, 'HEAD'] : methods
    app.all(path, (_request, response) => {
      response.setHeader('Allow', allowed.join(', '))
      throw new DomainError('method_not_allowed', `This address takes ${allowed.join(', ')}.`)
    })
  }
}
