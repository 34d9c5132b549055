// Goal: heads, files and documents are as they must be on every kind of answer. Method: one call of each kind.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openApiPath } from '@rebootless/shared/contract/openapi.ts'
import { routes } from '@rebootless/shared/contract/routes.ts'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { enrolTestHost } from '../ingest/test-host.ts'
import { ADMIN_PASSWORD, startTestBackend, type TestBackend } from '../test-backend.ts'
import { bareBody, definitionOf, methodOf, pathOf, routeKeys } from './test-routes.ts'

let database: TestDatabase
let backend: TestBackend
let webFolder: string
let cookie: string
let fault: string | undefined
const logged: string[] = []
beforeAll(async () => {
  database = await createTestDatabase()
  webFolder = mkdtempSync(path.join(tmpdir(), 'rebootless-pages-'))
  mkdirSync(path.join(webFolder, 'assets'))
  writeFileSync(path.join(webFolder, 'index.html'), '<!doctype html><title>Rebootless</title>')
  writeFileSync(path.join(webFolder, 'assets', 'index-Ba1cD3.js'), 'export {}')
  writeFileSync(path.join(webFolder, '.secret'), 'canary-file')
  writeFileSync(path.join(webFolder, '..', 'rebootless-outside.txt'), 'canary-file')
  backend = await startTestBackend(database, {
    webFolder,
    fault: async () => fault,
    log: pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) }),
  })
  cookie = await backend.signIn()
})
afterAll(async () => {
  await backend.close()
  await database.drop()
  rmSync(webFolder, { recursive: true })
  rmSync(path.join(webFolder, '..', 'rebootless-outside.txt'))
})

describe('T03 heads', () => {
  const kinds = [
    '/',
    '/assets/index-Ba1cD3.js',
    '/nothing.js',
    '/api/v1/hosts',
    '/api/v1/nothing',
    '/healthz',
    '/metrics',
  ]
  test.each(kinds)('%s', async (target) => {
    for (const init of [{}, { cookie }]) {
      const { headers } = await backend.call('GET', target, init)
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'x-frame-options': 'DENY',
      })
      const policy = String(headers['content-security-policy'])
      for (const rule of ["script-src 'self';", "base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'"]) {
        expect(policy).toContain(rule)
      }
      expect(policy).toContain("require-trusted-types-for 'script'")
      expect(headers['x-powered-by']).toBeUndefined()
      expect(headers['strict-transport-security']).toBeUndefined()
    }
  })
  test.each(routeKeys.filter((key) => definitionOf(key).media !== 'events'))('%s, refused or not', async (key) => {
    const sent = methodOf(key) === 'DELETE' && pathOf(key) === '/api/v1/session' ? {} : { cookie }
    for (const init of [{}, sent, { headers: { host: 'evil.example' } }]) {
      const { headers, status } = await backend.call(methodOf(key), pathOf(key), { ...bareBody(key), ...init })
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'x-frame-options': 'DENY',
        'content-security-policy': expect.stringMatching(
          /script-src 'self';.*frame-ancestors 'none';.*trusted-types rebootless/,
        ),
      })
      if ('cookie' in init || status >= 400)
        expect([key, status, headers['cache-control']]).toEqual([key, status, 'no-store'])
    }
  })
  test('answers for somebody are kept nowhere, refusals neither', async () => {
    for (const target of ['/api/v1/session', '/api/v1/hosts', '/api/v1/fleet/summary', '/api/v1/hosts/x']) {
      expect((await backend.call('GET', target, { cookie })).headers['cache-control']).toBe('no-store')
      expect((await backend.call('GET', target)).headers['cache-control']).toBe('no-store')
    }
  })
})

describe('pages', () => {
  test('every path of the application is its index, asked for anew; assets stay for ever', async () => {
    for (const target of ['/', '/hosts', '/hosts/abc/functions', '/sign-in']) {
      const answer = await backend.call('GET', target)
      expect([target, answer.status, answer.headers['cache-control']]).toEqual([target, 200, 'no-cache'])
      expect(answer.text).toContain('<title>Rebootless')
    }
    const asset = await backend.call('GET', '/assets/index-Ba1cD3.js')
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  })
  test.each([
    '/../rebootless-outside.txt',
    '/..%2frebootless-outside.txt',
    '/%2e%2e/rebootless-outside.txt',
    '/assets/..%5c..%5crebootless-outside.txt',
    '/.secret',
    '/%00',
    '/%ff%fe',
    '/%zz',
    '//evil.example/%2e%2e',
    '/\\evil.example',
    '/assets/missing.js',
  ])('T05 %s shows no file of another folder and leads nowhere', async (target) => {
    const answer = await backend.call('GET', target)
    expect(answer.text).not.toContain('canary-file')
    expect(answer.headers.location).toBeUndefined()
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
  })
  test('a missing build says so', async () => {
    const bare = await startTestBackend(database)
    const answer = await bare.call('GET', '/')
    expect([answer.status, answer.text.includes('npm run build')]).toEqual([503, true])
    await bare.close()
  })
})

describe('T06 the contract’s document', () => {
  test('has the routes of the contract and no others', async () => {
    const document = (await backend.call('GET', '/api/v1/openapi.json')).json<{ paths: Record<string, object> }>()
    const documented = Object.entries(document.paths).flatMap(([target, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${target}`),
    )
    expect(documented.sort()).toEqual(Object.keys(routes).map(openApiPath).sort())
  })
  test('has a page of ours alone, without inline scripts', async () => {
    const page = await backend.call('GET', '/docs')
    expect(page.status).toBe(200)
    expect(page.headers['content-security-policy']).toContain("script-src 'self';")
    for (const [, source = ''] of page.text.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect([source, (await backend.call('GET', source)).status]).toEqual([source, 200])
    }
    expect(page.text).not.toMatch(/<script(?![^>]*src=)/)
  })
})

describe('health', () => {
  test('readyz names the fault, healthz stays alive', async () => {
    fault = 'The database does not answer: canary.'
    expect((await backend.call('GET', '/readyz')).json()).toMatchObject({
      status: 503,
      type: '/problems/not_ready',
      detail: fault,
    })
    expect((await backend.call('GET', '/healthz')).status).toBe(200)
    fault = undefined
    expect((await backend.call('GET', '/readyz')).status).toBe(200)
  })
  test('T31 metrics name no host and no user, and are for this machine', async () => {
    const hostId = await enrolTestHost(database.kysely, { name: 'canary-host' })
    await backend.call('GET', `/api/v1/hosts/${hostId}`, { cookie })
    const { text } = await backend.call('GET', '/metrics')
    expect(text).toContain('rebootless_http_request_seconds_count{route="GET /api/v1/hosts/:id",status="200"}')
    expect(text).not.toMatch(new RegExp(`canary-host|${hostId}|admin"`))
    const forwarded = await backend.call('GET', '/metrics', { headers: { 'x-forwarded-for': '203.0.113.7' } })
    expect(forwarded.status).toBe(403)
  })
})

test('T31 secrets are in no log line', async () => {
  await backend.call('POST', '/api/v1/session', { body: { username: 'admin', password: 'canary-guess' } })
  await backend.call('POST', '/api/v1/session/link', { body: { token: 'canary-token' } })
  await backend.call('GET', '/api/v1/hosts?filter=canary-filter', {
    cookie,
    headers: { authorization: 'Bearer canary-bearer' },
  })
  const all = logged.join('')
  expect(logged.length).toBeGreaterThan(5)
  for (const secret of [
    'canary-guess',
    'canary-token',
    'canary-filter',
    'canary-bearer',
    ADMIN_PASSWORD,
    cookie.split('=')[1] ?? '',
  ]) {
    expect([secret, all.includes(secret)]).toEqual([secret, false])
  }
})

test('T31 an unknown fault is a plain 500 whose cause is in the log alone', async () => {
  const own = await createTestDatabase()
  const broken = await startTestBackend(own, {
    log: pino({ level: 'error' }, { write: (line: string) => void logged.push(line) }),
  })
  const session = await broken.signIn()
  await own.kysely.schema.alterTable('host_causes').renameTo('canary_table').execute()
  const answer = await broken.call('GET', '/api/v1/fleet/summary', { cookie: session })
  expect(answer.json()).toMatchObject({ status: 500, type: '/problems/internal' })
  expect(answer.text).not.toContain('host_causes')
  const requestId = answer.json<{ requestId: string }>().requestId
  expect(answer.headers['x-request-id']).toBe(requestId)
  expect(logged.some((line) => line.includes(requestId) && line.includes('host_causes'))).toBe(true)
  await broken.close()
  await own.drop()
})
