// Goal: every route is reached by whom the contract names and by nobody else. Method: the matrix is generated from the
// route table; what each cell must answer is said by one function, and asked of a real backend.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Problem } from '@rebootless/shared/contract/problem.ts'
import { everyone, nothing, type RouteDefinition } from '@rebootless/shared/contract/route.ts'
import { type RouteKey, routes } from '@rebootless/shared/contract/routes.ts'
import express from 'express'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { enrolTestHost } from '../ingest/test-host.ts'
import { createLinkBench, type LinkBench } from '../link/link-test-bench.ts'
import { startTestBackend, type TestBackend } from '../test-backend.ts'
import { authorise, isDecision } from './authorise.ts'
import type { Handlers } from './call.ts'
import { mountRoutes } from './mount-routes.ts'
import { createTestCallers, type TestCaller } from './test-callers.ts'
import { bareBody, definitionOf, methodOf, pathOf, routeKeys } from './test-routes.ts'
import { signInAs } from './test-users.ts'

let database: TestDatabase
let backend: TestBackend
let callers: TestCaller[]
let hostId: string
beforeAll(async () => {
  database = await createTestDatabase()
  backend = await startTestBackend(database)
  hostId = await enrolTestHost(database.kysely, { labels: { env: 'staging' } })
  callers = await createTestCallers(database.kysely)
})
afterAll(async () => {
  await backend.close()
  await database.drop()
})

/** What the contract says of one cell: the problem that it must be answered with, or that it goes on to the handler. */
const verdict = ({ roles, scope, by, reauthenticate }: RouteDefinition, { is }: TestCaller): string => {
  if (roles === 'anyone') return 'goes on'
  if (is === null) return '401 not_signed_in'
  if (!roles.includes(is.role)) return '403 not_authorised'
  if (by === 'person' && is.via === 'token') return '403 not_authorised'
  if (reauthenticate && is.via === 'token') return '401 authentication_too_old'
  if (scope === 'whole fleet' && is.scope !== 'none') return '403 not_authorised'
  if (scope === 'host' && is.scope === 'foreign') return '404 host_not_found'
  return 'goes on'
}

/** An event stream does not end by itself: its head is the answer. */
const call = async (key: RouteKey, { headers }: TestCaller): Promise<{ status: number; text: string }> => {
  if (definitionOf(key).media === 'events') {
    const cancel = new AbortController()
    const answer = await fetch(`${backend.url}${pathOf(key)}`, { headers, signal: cancel.signal })
    const text = answer.ok ? '' : await answer.text()
    cancel.abort()
    return { status: answer.status, text }
  }
  // A script sends no Origin; everybody else's would stop him before anything else could.
  const origin = 'authorization' in headers && !('cookie' in headers) ? { origin: null, 'sec-fetch-site': null } : {}
  const { body, requestMedia } = definitionOf(key)
  const octets = { text: '', headers: { 'content-type': 'application/octet-stream' } }
  const sent = requestMedia === 'octets' ? octets : body === undefined ? {} : bareBody(key)
  const own = { ...headers, ...origin, ...('headers' in sent ? sent.headers : {}) }
  return backend.call(methodOf(key), pathOf(key, hostId), { ...sent, headers: own })
}

const codeOf = ({ status, text }: { status: number; text: string }): string =>
  status < 400 ? String(status) : `${status} ${Problem.parse(JSON.parse(text)).type.replace('/problems/', '')}`

/** That nobody may be signed in by what he shows, also where anyone may ask. */
const DENIALS = ['401 not_signed_in', '401 authentication_too_old', '403 not_authorised', '403 origin_refused']

describe('T06 the authorisation matrix', () => {
  // Signing out, and ending every session, would end what the rest stands on; both have tests of their own.
  test.each(routeKeys.filter((key) => key !== 'DELETE /api/v1/session'))('%s', async (key) => {
    const wrong: string[] = []
    let goOn = 0
    for (const caller of callers) {
      const expected = verdict(definitionOf(key), caller)
      const code = codeOf(await call(key, caller))
      const allowed = expected === 'goes on'
      if (allowed) goOn += 1
      const bad = allowed ? code.startsWith('5') || (caller.is !== null && DENIALS.includes(code)) : code !== expected
      if (bad) wrong.push(`${caller.name}: ${code}, not ${expected}`)
    }
    expect(wrong).toEqual([])
    expect(goOn).toBeGreaterThan(0)
  })

  test('signs nobody out who is nobody', async () => {
    for (const caller of callers.filter(({ is }) => is === null)) {
      expect([caller.name, codeOf(await call('DELETE /api/v1/session', caller))]).toEqual([
        caller.name,
        '401 not_signed_in',
      ])
    }
  })

  test('tells its callers apart: each of its rules decides some cell', () => {
    const verdicts = new Set(routeKeys.flatMap((key) => callers.map((caller) => verdict(definitionOf(key), caller))))
    const all = ['goes on', '401 not_signed_in', '403 not_authorised', '404 host_not_found']
    expect([...verdicts]).toEqual(expect.arrayContaining(all))
  })

  test('a proof of who asks that is old is none', async () => {
    const cookie = await signInAs(database.kysely, 'admin')
    const old = new Date(Date.now() - 6 * 60_000)
    await database.kysely.updateTable('sessions').set({ authenticated_at: old }).execute()
    for (const key of routeKeys.filter((each) => definitionOf(each).reauthenticate)) {
      if (definitionOf(key).roles !== 'anyone' && !definitionOf(key).roles.includes('admin')) continue
      const caller = { name: 'admin', headers: { cookie }, is: null }
      expect([key, codeOf(await call(key, caller))]).toEqual([key, '401 authentication_too_old'])
    }
  })
})

describe('T06 T16 an agent’s certificate', () => {
  let link: LinkBench
  let overTls: TestBackend
  let folder: string
  beforeAll(async () => {
    link = await createLinkBench()
    folder = mkdtempSync(path.join(tmpdir(), 'rebootless-matrix-'))
    const server = await link.authority.issueServerCertificate(new Date())
    const tls = { certificatePath: path.join(folder, 'certificate.pem'), keyPath: path.join(folder, 'key.pem') }
    writeFileSync(tls.certificatePath, server.certificatePem)
    writeFileSync(tls.keyPath, server.privateKeyPem)
    overTls = await startTestBackend(database, { settings: { tls } })
  })
  afterAll(async () => {
    await overTls.close()
    await link.end()
    rmSync(folder, { recursive: true })
  })

  test('opens no route of the browsers’ port', async () => {
    const { key, cert } = await link.enrolledHost()
    // Whose certificate the server has does not matter here; that the client shows one does.
    const agent = new Agent({ key, cert, rejectUnauthorized: false })
    const origin = `https://127.0.0.1:${overTls.port}`
    for (const route of routeKeys.filter((each) => definitionOf(each).roles !== 'anyone')) {
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const outgoing = request(`${origin}${pathOf(route, hostId)}`, {
          method: methodOf(route),
          agent,
          headers: { origin },
        })
        outgoing.on('response', (answer) => answer.resume().on('end', () => resolve(answer.statusCode)))
        outgoing.on('error', reject)
        outgoing.end()
      })
      expect([route, status]).toEqual([route, 401])
    }
    agent.destroy()
  })
})

describe('T06 what is not declared is denied', () => {
  const options = {
    findSignedIn: async () => null,
    now: () => new Date(),
    hostInScope: async () => false,
    cookies: () => ({ set: () => undefined, clear: () => undefined }),
  }
  const mount = (key: string, change: object) => {
    const table = { [key]: { ...routes['GET /api/v1/hosts'], ...change } } as unknown as typeof routes
    return () => mountRoutes(express(), table, {} as Handlers, options as never)
  }
  test.each([{ roles: undefined }, { roles: [] }, { roles: 'everyone' }])(
    'a route with %o does not mount',
    (change) => {
      expect(mount('GET /api/v1/hosts', change)).toThrow(/does not say who may use it/)
    },
  )
  test.each([
    { scope: undefined },
    { scope: 'all' },
    { roles: 'anyone', scope: 'hosts' },
    { roles: 'anyone', scope: 'whole fleet' },
  ])('a route with %o does not mount', (change) => {
    expect(mount('GET /api/v1/hosts', change)).toThrow(/does not say whose hosts/)
  })
  test.each([
    ['GET /api/v1/hosts/:id/secrets', { scope: 'hosts' }],
    ['GET /api/v1/hosts/:id', { scope: 'none' }],
    ['GET /api/v1/patches/:id', { scope: 'host' }],
    ['GET /api/v1/hosts/:host', { scope: 'host' }],
  ])('%s with %o does not mount', (key, change) => {
    expect(mount(key, change)).toThrow(/names a host/)
  })
  test('nor compile', () => {
    const base = { summary: 'x', response: nothing, status: 200 } as const
    // @ts-expect-error without roles
    const withoutRoles: RouteDefinition = { ...base, scope: 'none' }
    // @ts-expect-error without a rule of scope
    const withoutScope: RouteDefinition = { ...base, roles: everyone }
    expect([withoutRoles, withoutScope].length).toBe(2)
  })
  test('nothing mounts but the contract, health, documents and pages', () => {
    const bff = path.resolve(import.meta.dirname, '..')
    const mounts = (readdirSync(bff, { recursive: true }) as string[])
      .filter((file) => file.endsWith('.ts') && !/\.test\.ts$/.test(file))
      .filter((file) =>
        /\bapp(\.(get|post|put|patch|delete|all|use|route)\(|\[)/.test(readFileSync(path.join(bff, file), 'utf8')),
      )
    expect(mounts.sort()).toEqual([
      'health/documentation.ts',
      'health/routes.ts',
      'http/app.ts',
      'http/mount-routes.ts',
      'http/static-pages.ts',
    ])
  })
  test('only a decision counts as one', () => {
    expect(isDecision(authorise('anyone', null))).toBe(true)
    for (const forged of [null, undefined, true, {}, { decided: true }, { signedIn: null }]) {
      expect(isDecision(forged)).toBe(false)
    }
  })
})
