// Goal: what is accepted and within which days is set by those who may, by two people where it must be, and stands in the log. Method: a
// real backend and people of each role.
import { randomUUID } from 'node:crypto'
import { ComplianceHostList, ComplianceSummary } from '@rebootless/shared/contract/compliance.ts'
import {
  AskedException,
  ComplianceException,
  ExceptionList,
  SlaPolicyAnswer,
} from '@rebootless/shared/contract/compliance-policy.ts'
import type { FleetSummary } from '@rebootless/shared/contract/fleet.ts'
import { DEFAULT_SLA } from '@rebootless/shared/domain/compliance/default-policy.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { signInAs } from '../http/test-users.ts'
import { enrolTestHost, openTestLink } from '../ingest/test-host.ts'
import * as make from '../ingest/test-messages.ts'
import { eventually } from '../link/link-test-bench.ts'
import { startTestBackend, type TestBackend } from '../test-backend.ts'

const DAY_MS = 24 * 60 * 60_000
let database: TestDatabase
let backend: TestBackend
let admin: string
let approver: string
let operator: string
let viewer: string
beforeAll(async () => {
  database = await createTestDatabase()
  backend = await startTestBackend(database)
  const as = (role: Parameters<typeof signInAs>[1]) => signInAs(database.kysely, role, backend.clock)
  ;[admin, approver, operator, viewer] = [
    await as('admin'),
    await as('approver'),
    await as('operator'),
    await as('viewer'),
  ]
})
afterAll(async () => {
  await backend.close()
  await database.drop()
})

const inDays = (days: number) => new Date(backend.clock.now().getTime() + days * DAY_MS).toISOString()
const request = (cookie: string, change: object = {}) =>
  backend.call('POST', '/api/v1/exceptions', {
    cookie,
    body: {
      ...{ subject: { kind: 'cve', cveId: 'CVE-2026-1001' }, hosts: 'label.env:lab', owner: 'lab team' },
      ...{ reason: 'the lab has no network', until: inDays(30), ...change },
    },
  })
const requested = async (cookie: string) => AskedException.parse((await request(cookie)).json())
const act = (cookie: string, id: string, verb: 'approve' | 'end') =>
  backend.call(
    'POST',
    `/api/v1/exceptions/${id}/${verb}`,
    verb === 'end' ? { cookie, body: { reason: 'moved' } } : { cookie },
  )
const list = async (query = '') =>
  ExceptionList.parse((await backend.call('GET', `/api/v1/exceptions${query}`, { cookie: viewer })).json()).items
const actionsOf = async (id: string) => {
  const rows = await database.kysely
    .selectFrom('audit')
    .select('action')
    .where('target_id', '=', id)
    .orderBy('sequence')
    .execute()
  return rows.map(({ action }) => action)
}

test('an exception needs two people: who asked cannot approve it, whatever his role', async () => {
  const { id, state } = await requested(approver)
  expect(state).toBe('requested')
  const own = await act(approver, id, 'approve')
  expect([own.status, own.json().type]).toEqual([409, '/problems/action_refused'])
  expect((await act(operator, id, 'approve')).status).toBe(403)
  expect((await act(viewer, id, 'approve')).status).toBe(403)
  const approved = ComplianceException.parse((await act(admin, id, 'approve')).json())
  expect([approved.state, (await list('?state=in_effect')).map((one) => one.id)]).toEqual(['in_effect', [id]])
  expect((await act(admin, id, 'approve')).status).toBe(409)
  expect((await list('?endingWithinDays=29')).length).toBe(0)
  expect((await list('?endingWithinDays=31')).length).toBe(1)
  const ended = ComplianceException.parse((await act(approver, id, 'end')).json())
  expect([ended.state, ended.endedReason]).toEqual(['ended', 'moved'])
  expect((await act(approver, id, 'end')).status).toBe(409)
  expect(await actionsOf(id)).toEqual(
    expect.arrayContaining(['exception.request', 'exception.approve', 'exception.end']),
  )
  expect((await list('?state=ended')).map((one) => one.id)).toEqual([id])
})

test('of a CVE that no feed tells of it is taken with a warning', async () => {
  const { warning } = AskedException.parse(
    (await request(approver, { subject: { kind: 'cve', cveId: 'CVE-2099-9999' } })).json(),
  )
  expect(warning).toMatch(/^No feed knows CVE-2099-9999/)
})

test('of two who approve at once one does', async () => {
  const { id } = await requested(operator)
  const answers = await Promise.all([act(admin, id, 'approve'), act(approver, id, 'approve')])
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
})

test('one that waits is declined by its end; an operator ends his own alone', async () => {
  const mine = await requested(operator)
  const other = await requested(approver)
  expect((await act(operator, other.id, 'end')).status).toBe(409)
  expect(ComplianceException.parse((await act(operator, mine.id, 'end')).json()).state).toBe('declined')
  expect((await act(admin, mine.id, 'approve')).status).toBe(409)
  expect(await actionsOf(mine.id)).toEqual(expect.arrayContaining(['exception.request', 'exception.decline']))
})

test.each([
  ['viewer', () => request(viewer), 403],
  ['an end that is over', () => request(operator, { until: inDays(-1) }), 409],
  ['more than a year', () => request(operator, { until: inDays(367) }), 409],
  ['a filter that cannot be told of the past', () => request(operator, { hosts: 'state:stalled' }), 400],
  ['no reason', () => request(operator, { reason: ' ' }), 400],
  ['nobody who answers for it', () => request(operator, { owner: '' }), 400],
  ['one that is not there', () => act(admin, '6b1f9b5c-7d1e-4c36-9a55-2f6c3d0f6a11', 'approve'), 404],
] as const)('an exception is refused: %s', async (_name, ask, status) => expect((await ask()).status).toBe(status))

test('T07 whoever has a scope neither asks for an exception of others’ hosts nor reads the fleet’s trend', async () => {
  const scoped = await signInAs(database.kysely, 'approver', backend.clock, 'label.env:lab')
  const { id } = await requested(operator)
  expect([(await request(scoped)).status, (await act(scoped, id, 'approve')).status]).toEqual([403, 403])
  expect((await backend.call('GET', '/api/v1/compliance/trend', { cookie: scoped })).status).toBe(403)
  expect((await backend.call('GET', '/api/v1/compliance/trend', { cookie: viewer })).json()).toMatchObject({ days: [] })
})

const setPolicy = (cookie: string, basedOn: number, change: object = {}) =>
  backend.call('PUT', '/api/v1/sla-policy', {
    cookie,
    body: { spec: { ...DEFAULT_SLA, ...change }, reason: 'agreed', basedOn },
  })
const policy = async () =>
  SlaPolicyAnswer.parse((await backend.call('GET', '/api/v1/sla-policy', { cookie: viewer })).json())

test('the days are the default’s until an admin sets others; nobody overwrites what he has not seen', async () => {
  expect(await policy()).toEqual({
    policy: { version: 0, spec: DEFAULT_SLA, setBy: null, setAt: null, reason: null },
    history: [],
  })
  expect([(await setPolicy(approver, 0)).status, (await setPolicy(viewer, 0)).status]).toEqual([403, 403])
  expect((await setPolicy(admin, 0, { knownExploitedDays: 3 })).status).toBe(200)
  expect((await setPolicy(admin, 0, { knownExploitedDays: 30 })).status).toBe(409)
  const { policy: now, history } = await policy()
  expect([now.version, now.spec.knownExploitedDays, history.length]).toEqual([1, 3, 1])
  expect(await actionsOf('1')).toContain('sla_policy.set')
  const both = await Promise.all([setPolicy(admin, 1), setPolicy(admin, 1)])
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
})

test.each([
  ['a time zone that there is not', { calendar: { ...DEFAULT_SLA.calendar, timeZone: 'Mars/Olympus' } }],
  ['no working day', { calendar: { ...DEFAULT_SLA.calendar, workingDays: [] } }],
  [
    'an override of all hosts',
    { overrides: [{ name: 'x', hosts: '', days: DEFAULT_SLA.days, knownExploitedDays: null }] },
  ],
])('the policy is refused: %s', async (_name, change) => {
  expect((await setPolicy(admin, (await policy()).policy.version, change)).status).toBe(400)
})

test('from reading to sentence: a host that an agent read is judged by what a feed says, and told', async () => {
  const now = backend.clock.now()
  const id = await enrolTestHost(database.kysely, { labels: { env: 'chain' }, name: 'read', now })
  await openTestLink(backend.ingest, id, 'link-read', now)
  await backend.ingest.accept(id, make.hello({ epoch: 1, sequence: 1 }, { hostName: 'read' }), now)
  await backend.ingest.accept(
    id,
    make.snapshotMessage({ epoch: 1, sequence: 2 }, make.patchedSnapshot({ hostName: 'read' })),
    now,
  )
  const feed = randomUUID()
  const said = {
    feed_id: feed,
    feed_name: 'test',
    feed_kind: 'cve_json',
    document: 'test',
    published_on: null,
  } as const
  await database.kysely
    .insertInto('cve_feeds')
    .values({
      ...{ id: feed, name: 'test', kind: 'cve_json', location: 'test', every_minutes: null, enabled: true },
      ...{ created_by_name: 'test', created_at: now },
    })
    .execute()
  const record = {
    kind: 'record',
    title: null,
    description: null,
    publishedOn: '2026-01-01',
    files: [],
    rejected: false,
  }
  const scores = [{ by: 'kernel.org', version: '3.1', score: 9.8, vector: null }]
  await database.kysely
    .insertInto('cve_statements')
    .values({
      ...{ ...said, cve_id: 'CVE-2026-4242', kind: 'record', hash: 'record', from_at: now },
      body: JSON.stringify({ ...record, scores }),
    })
    .execute()
  await sql`select pg_notify('rebootless_vulnerabilities', '')`.execute(database.kysely)
  await eventually('it is judged', async () => {
    const answer = await backend.call('GET', '/api/v1/compliance?filter=label.env:chain', { cookie: viewer })
    const { counts } = ComplianceSummary.parse(answer.json())
    return counts.hosts === 1 && counts.judged === 1
  })
  const answer = await backend.call('GET', '/api/v1/compliance/hosts?filter=label.env:chain', { cookie: viewer })
  const { items } = ComplianceHostList.parse(answer.json())
  expect(items).toMatchObject([{ id, name: 'read', judged: true }])
  const summary = (await backend.call('GET', '/api/v1/fleet/summary', { cookie: viewer })).json<FleetSummary>()
  expect(summary.exposure?.sentence).toMatch(/of hosts within SLA/)
})

test('T25 to set the days and to approve asks who it is again', async () => {
  const { id } = await requested(operator)
  backend.clock.advance(60 * 60_000)
  const { version } = (await policy()).policy
  for (const answer of [await setPolicy(admin, version), await act(admin, id, 'approve')]) {
    expect([answer.status, answer.json().type]).toEqual([401, '/problems/authentication_too_old'])
  }
})
