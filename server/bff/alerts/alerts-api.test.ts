// Goal: who may see and do what with alerts, what the API tells of them, and that each act is in the audit log. Method: a whole
// backend over the real database, whose engine decides on a fleet of test hosts.
import {
  AlertCounts,
  AlertDetail,
  AlertList,
  AlertRule,
  AlertRuleList,
  Silence,
  SilenceList,
} from '@rebootless/shared/contract/alerts.ts'
import { CreatedChannel } from '@rebootless/shared/contract/channels.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addTestHost } from '../commands/test-fleet.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { signInAs } from '../http/test-users.ts'
import { createIngest } from '../ingest/ingest.ts'
import { patchedSnapshot, patchingSnapshot, snapshotMessage, stalledSample } from '../ingest/test-messages.ts'
import { eventually } from '../link/link-test-bench.ts'
import { startTestBackend, type TestBackend } from '../test-backend.ts'

let database: TestDatabase
let backend: TestBackend
const hosts: { id: string; name: string }[] = []
const cookies = { admin: '', viewer: '', operator: '', staging: '', everywhere: '' }
let sequence = 100

const show = async (id: string, name: string, stalled: boolean) => {
  const ingest = createIngest({ database: database.kysely, clock: backend.clock, changesEveryMs: 0 })
  sequence += 1
  const snapshot = stalled ? patchingSnapshot(stalledSample(), { hostName: name }) : patchedSnapshot({ hostName: name })
  await ingest.accept(id, snapshotMessage({ epoch: 1, sequence }, snapshot), backend.clock.now())
}
const get = async (path: string, cookie = cookies.admin) => {
  const answer = await backend.call('GET', path, { cookie })
  expect([path, answer.status]).toEqual([path, 200])
  return answer.json()
}
const post = (path: string, body: object, cookie = cookies.operator) => backend.call('POST', path, { cookie, body })
const list = async (query = '', cookie = cookies.admin) => AlertList.parse(await get(`/api/v1/alerts?${query}`, cookie))
const stalled = async (query = '', cookie = cookies.admin) => {
  const { items } = await list(`rule=transition-stalled&${query}`, cookie)
  return items
}
const audited = async (action: string) =>
  (await database.kysely.selectFrom('audit').selectAll().execute()).filter((row) =>
    JSON.stringify(row).includes(action),
  )

beforeAll(async () => {
  database = await createTestDatabase()
  backend = await startTestBackend(database)
  cookies.admin = await backend.signIn()
  cookies.viewer = await signInAs(database.kysely, 'viewer', backend.clock)
  cookies.operator = await signInAs(database.kysely, 'operator', backend.clock)
  cookies.staging = await signInAs(database.kysely, 'operator', backend.clock, 'label.env:staging')
  cookies.everywhere = await signInAs(database.kysely, 'operator', backend.clock, 'label.site:ams')
  for (const [name, env] of [
    ['prod-1', 'prod'],
    ['staging-1', 'staging'],
  ] as const) {
    const host = await addTestHost(database.kysely, { name, labels: { env, site: 'ams' }, now: backend.clock.now() })
    hosts.push(host)
    await show(host.id, name, true)
  }
  await eventually('it fires', async () => (await stalled())[0]?.hostCount === 2)
}, 60_000)
afterAll(async () => {
  await backend.close()
  await database.drop()
})

describe('what is told', () => {
  test('one group for one cause, with its hosts, what they have in common, its runbook and its timeline', async () => {
    const [group] = await stalled()
    expect(group).toMatchObject({
      ...{ severity: 'page', status: 'firing', hostCount: 2, labels: { site: 'ams' } },
      sentence: expect.stringContaining('On 2 hosts: '),
    })
    const detail = AlertDetail.parse(await get(`/api/v1/alerts/${group?.id}`))
    expect(detail.members.map(({ name }) => name).sort()).toEqual(['prod-1', 'staging-1'])
    expect(detail.timeline.map(({ kind }) => kind)).toEqual(['began', 'fired'])
    expect(detail.runbook).toContain('# Transition stalled')
    expect(detail.lastTime).toBeNull()
  })

  test('filters, pages, and counts', async () => {
    expect((await list('severity=info')).items.every(({ severity }) => severity === 'info')).toBe(true)
    expect(await stalled('filter=name:prod-1')).toHaveLength(1)
    expect(await stalled('filter=name:nobody')).toHaveLength(0)
    expect(await stalled('status=resolved')).toHaveLength(0)
    expect(await stalled('acknowledged=false')).toHaveLength(1)
    expect(await stalled('acknowledged=true')).toEqual([])
    const { items, total } = await list('limit=200')
    expect(items).toHaveLength(total)
    const paged: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: AlertList = await list(`limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`)
      paged.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor
    }
    expect(paged).toEqual(items.map(({ id }) => id))
    const counts = AlertCounts.parse(await get('/api/v1/alert-counts'))
    expect(counts.page + counts.ticket + counts.info).toBe(total)
    const rules = AlertRuleList.parse(await get('/api/v1/alert-rules')).items
    expect(rules.find(({ id }) => id === 'transition-stalled')).toMatchObject({ firing: 1, thresholdUnit: null })
  })
})

describe('T06 T07 a scope', () => {
  test('holds groups with hosts of its own, and of those only its own hosts', async () => {
    const [group] = await stalled('', cookies.staging)
    expect(group).toMatchObject({ hostCount: 1, hosts: [{ name: 'staging-1' }], labels: { env: 'staging' } })
    const detail = AlertDetail.parse(await get(`/api/v1/alerts/${group?.id}`, cookies.staging))
    expect(JSON.stringify({ ...detail, runbook: '' })).not.toContain('prod-1')
    expect(await stalled('filter=name:prod-1', cookies.staging)).toEqual([])
    const fleet = await signInAs(database.kysely, 'viewer', backend.clock, 'label.env:lab')
    expect((await list('', fleet)).total).toBe(0)
    expect(AlertCounts.parse(await get('/api/v1/alert-counts', fleet))).toMatchObject({ page: 0, ticket: 0, info: 0 })
    expect((await backend.call('GET', `/api/v1/alerts/${group?.id}`, { cookie: fleet })).status).toBe(404)
  })

  test('takes up no alert with hosts outside of it, and silences nothing', async () => {
    const [group] = await stalled()
    const refused = await post(`/api/v1/alerts/${group?.id}/acknowledge`, { note: null }, cookies.staging)
    expect([refused.status, refused.json().type]).toEqual([409, '/problems/alert_refused'])
    const silence = { matcher: { rule: 'transition-stalled' }, endsAt: backend.clock.now().toISOString(), reason: 'x' }
    expect((await post('/api/v1/silences', silence, cookies.staging)).status).toBe(403)
    expect((await post(`/api/v1/alerts/${group?.id}/acknowledge`, {}, cookies.viewer)).status).toBe(403)
  })
})

describe('what people do', () => {
  test('a silence ends by itself or by a person, within thirty days, and says what it silences', async () => {
    const ends = (days: number) => new Date(backend.clock.now().getTime() + days * 86_400_000).toISOString()
    const body = (days: number, matcher: object) => ({
      matcher,
      endsAt: ends(days),
      reason: 'the file server is mended',
    })
    for (const [days, matcher, status] of [
      [31, { rule: 'transition-stalled' }, 422],
      [-1, { rule: 'transition-stalled' }, 422],
      [1, {}, 400],
      [1, { hosts: 'no-such-word:x' }, 400],
    ] as const) {
      expect((await post('/api/v1/silences', body(days, matcher))).status).toBe(status)
    }
    const made = await post('/api/v1/silences', body(1, { hosts: 'label.site:ams', rule: 'transition-stalled' }))
    expect(made.status).toBe(201)
    const { id } = Silence.parse(made.json())
    await expect.poll(async () => (await stalled('status=silenced')).length, { timeout: 15_000 }).toBe(1)
    const { items } = SilenceList.parse(await get('/api/v1/silences'))
    expect(items.map(({ groups, causeTitle }) => [groups, causeTitle])).toEqual([[1, null]])
    expect((await post(`/api/v1/silences/${id}/end`, { reason: 'over' })).status).toBe(200)
    expect((await post(`/api/v1/silences/${id}/end`, { reason: 'over' })).status).toBe(422)
    await expect.poll(async () => (await stalled('status=firing')).length, { timeout: 15_000 }).toBe(1)
    expect(await audited('silence.create')).toHaveLength(1)
    expect(await audited('silence.end')).toHaveLength(1)
  })

  test('a silence of one cause says what alerts of it are called, and nothing of a cause that never was', async () => {
    const [group] = await stalled()
    const endsAt = new Date(backend.clock.now().getTime() + 86_400_000).toISOString()
    for (const [cause, title] of [
      [group?.cause, group?.title],
      ['never-was', null],
    ]) {
      const matcher = { rule: 'transition-stalled', cause }
      const made = Silence.parse((await post('/api/v1/silences', { matcher, endsAt, reason: 'known' })).json())
      expect(made.causeTitle).toBe(title)
      expect((await post(`/api/v1/silences/${made.id}/end`, { reason: 'over' })).status).toBe(200)
    }
    await expect.poll(async () => (await stalled('status=firing')).length, { timeout: 15_000 }).toBe(1)
  })

  test('whoever holds all its hosts takes it up; the next time what was done is told', async () => {
    const [group] = await stalled()
    const path = `/api/v1/alerts/${group?.id}`
    const taken = await post(`${path}/acknowledge`, { note: 'I look at the file server' }, cookies.everywhere)
    expect(AlertDetail.parse(taken.json())).toMatchObject({
      status: 'acknowledged',
      acknowledged: { note: 'I look at the file server' },
    })
    const second = await post(`${path}/acknowledge`, { note: null }, cookies.admin)
    expect([second.status, second.json().detail]).toEqual([
      409,
      expect.stringMatching(/^\S+ has it already, since 2\d{3}-/),
    ])
    expect(await audited('alert.acknowledge')).toHaveLength(1)
    expect(await stalled('acknowledged=true')).toHaveLength(1)
    expect(await stalled('acknowledged=false')).toEqual([])
    expect((await post(`${path}/note`, { done: 'restarted nfsd' })).status).toBe(200)
    for (const { id, name } of hosts) await show(id, name, false)
    await expect
      .poll(async () => (await backend.call('GET', path, { cookie: cookies.admin })).json().status, { timeout: 15_000 })
      .toBe('acknowledged')
    await expect
      .poll(
        async () => {
          backend.clock.advance(2 * 60_000)
          return (await get(path)).status
        },
        { timeout: 30_000, interval: 2_500 },
      )
      .toBe('resolved')
    expect((await post(`${path}/acknowledge`, {})).status).toBe(409)
    for (const { id, name } of hosts) await show(id, name, true)
    await expect.poll(async () => (await stalled()).length, { timeout: 15_000 }).toBe(1)
    const [again] = await stalled()
    expect(again?.id).not.toBe(group?.id)
    expect(AlertDetail.parse(await get(`/api/v1/alerts/${again?.id}`)).lastTime).toMatchObject({
      id: group?.id,
      done: 'restarted nfsd',
      acknowledged: { note: 'I look at the file server' },
    })
  }, 60_000)

  test('a rule is changed by an admin of the whole fleet, in bounds, and the log has before and after', async () => {
    const path = '/api/v1/alert-rules/patch-forced'
    // Time has passed since he signed in.
    const admin = await backend.signIn()
    const patch = (body: object, cookie = admin) => backend.call('PATCH', path, { cookie, body })
    expect((await patch({ severity: 'page' }, cookies.operator)).status).toBe(403)
    for (const [body, status] of [
      [{ enabled: false }, 400],
      [{ threshold: 5 }, 422],
      [{ channels: ['00000000-0000-4000-8000-000000000001'] }, 422],
      [{ hosts: 'no-such-word:x' }, 400],
    ] as const) {
      expect([JSON.stringify(body), (await patch(body)).status]).toEqual([JSON.stringify(body), status])
    }
    const changed = await patch({ severity: 'page', hosts: 'label.env:prod' })
    expect(AlertRule.parse(changed.json())).toMatchObject({
      settings: { severity: 'page', hosts: 'label.env:prod' },
      defaults: { severity: 'ticket', hosts: null },
    })
    expect(await audited('alert_rule.change')).toHaveLength(1)
  })

  test('T06 a rule names channels of the fleet, whose names only who sees the fleet is told; one that is removed hinders nothing', async () => {
    const admin = await backend.signIn()
    const call = (body: object) => backend.call('PATCH', '/api/v1/alert-rules/patch-failed', { cookie: admin, body })
    const add = async (name: string) => {
      const events = { decisions: 'all', auditHeads: null }
      const body = { kind: 'webhook', name, address: 'https://hook.example/', events }
      const made = await backend.call('POST', '/api/v1/channels', { cookie: admin, body })
      return CreatedChannel.parse(made.json()).channel.id
    }
    const [ops, night] = [await add('ops'), await add('night')]
    const step = (afterMinutes: number, ...channels: string[]) => ({ afterMinutes, channels })
    for (const escalation of [[step(30, night), step(30, ops)], [step(0, night)], [step(5)]]) {
      expect([400, 422]).toContain((await call({ escalation })).status)
    }
    const escalation = [step(30, night)]
    const changed = AlertRule.parse((await call({ channels: [ops], escalation })).json())
    expect(changed).toMatchObject({ settings: { channels: [ops], escalation } })
    expect(changed.named.map(({ name }) => name)).toEqual(['night', 'ops'])
    const named = async (cookie: string) => {
      const { items } = AlertRuleList.parse(await get('/api/v1/alert-rules', cookie))
      return items.find(({ id }) => id === 'patch-failed')?.named.map(({ name }) => name)
    }
    expect(await named(cookies.viewer)).toEqual(['night', 'ops'])
    expect(await named(cookies.staging)).toEqual([])

    await database.kysely.deleteFrom('channels').where('id', '=', ops).execute()
    expect(AlertRule.parse((await call({ forSeconds: 90 })).json())).toMatchObject({
      settings: { channels: [ops], forSeconds: 90 },
      named: [{ id: night }],
    })
    await sql`update channels set owner_id = (select id from users limit 1) where id = ${night}`.execute(
      database.kysely,
    )
    expect((await call({ channels: [ops, '00000000-0000-4000-8000-000000000001'] })).status).toBe(422)
    expect((await call({ channels: null, escalation: [] })).status).toBe(200)
    // Somebody’s own browser is nothing that a rule may name.
    expect((await call({ channels: [night] })).status).toBe(422)
  })
})
