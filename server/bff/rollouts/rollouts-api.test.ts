// Goal: who may see and do what to a rollout, through the API. Method: a real backend that drives rollouts itself; people
// of several roles and scopes, and approvers who sign.
import type { CommandList } from '@rebootless/shared/contract/commands-api.ts'
import type { RolloutApprovals } from '@rebootless/shared/contract/rollout-requests.ts'
import type {
  RolloutDetail,
  RolloutHostList,
  RolloutList,
  RolloutPreview,
} from '@rebootless/shared/contract/rollouts-api.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addTestHost, type TestHost } from '../commands/test-fleet.ts'
import {
  type Approver,
  type Person,
  production,
  type RequestBench,
  signatureOf,
  startRequestBench,
} from '../commands/test-requests.ts'
import { followStream } from '../events/test-stream.ts'
import { eventually } from '../link/link-test-bench.ts'

let bench: RequestBench
let operator: Person
let approver: Approver
beforeAll(async () => {
  bench = await startRequestBench()
  operator = await bench.person('operator')
  approver = await bench.approverWithKey()
})
afterAll(() => bench.end())

let group = 0
const bare = { livepatches: [], livepatchModules: [], memory: [], enabledFunctions: [] }
/** A host with a label of its own test. */
const hostOf = (labels: Record<string, string>, policy = {}): Promise<TestHost> =>
  addTestHost(bench.kysely, { labels: { group: String(group), ...labels }, policy, snapshot: bare })
const planOf = (change: object = {}) => ({
  ...{ version: 1, name: 'fix', reason: 'CVE-2026-1', hosts: `label.group:${group}` },
  ...{ change: { kind: 'load', patches: [bench.artefact] }, waves: [{ name: 'all', share: { kind: 'rest' } }] },
  ...change,
})
const make = async (who: Person, change: object = {}) => {
  const answer = await bench.post(who, '/api/v1/rollouts', { plan: planOf(change) })
  expect([answer.status, answer.text.slice(0, 300)]).toEqual([201, expect.any(String)])
  return answer.json<RolloutDetail>()
}
const act = (who: Person, id: string, kind: string, body: object = {}) =>
  bench.post(who, `/api/v1/rollouts/${id}/${kind}`, { reason: 'test', ...body })
const approvalsOf = async (who: Person, id: string) =>
  (await bench.read(who, `/api/v1/rollouts/${id}/approvals`)).json<RolloutApprovals>().items

test('T07 of which rollout a command is, is told to whom the rollout is told of', async () => {
  group += 1
  const own = await hostOf({ env: 'staging' })
  await hostOf({ env: 'prod' })
  const scoped = await bench.person('operator', 'label.env:staging')
  const { id, name } = await make(operator)
  await act(operator, id, 'start')
  const commandOf = async (who: Person) =>
    (await bench.read(who, `/api/v1/commands?host=${own.id}`)).json<CommandList>().items[0]
  await eventually('a command', async () => (await commandOf(operator)) !== undefined)
  expect((await commandOf(operator))?.rollout).toEqual({ id, name })
  expect((await commandOf(scoped))?.rollout).toBeNull()
})

describe('T25 over production hosts', () => {
  test('waits for approvers, who sign its texts; nobody is told before; then it goes', async () => {
    group += 1
    const host = await hostOf({}, production([approver]))
    const { id } = await make(operator)
    const started = (await act(operator, id, 'start')).json<RolloutDetail>()
    expect([started.phase, started.sentence]).toEqual([
      'awaiting approval',
      'It waits for approval: 1 text of it waits for approvers.',
    ])
    const agent = bench.linked(host)
    const [text] = await approvalsOf(approver, id)
    if (text === undefined) throw new Error('no text')
    expect([text.action, text.cannotSign, text.approvalsNeeded]).toEqual(['load', null, 1])
    // It is part of a rollout: nobody takes it back or reverses it by itself.
    expect((await bench.post(operator, `/api/v1/authorisations/${text.id}/cancel`)).status).toBe(409)
    const forged = { authorisation: text.id, ...signatureOf(approver, `${text.payload} `) }
    expect((await bench.post(approver, `/api/v1/rollouts/${id}/approve`, { signatures: [forged] })).status).toBe(422)
    expect(agent.commands()).toBe(0)
    const good = { authorisation: text.id, ...signatureOf(approver, text.payload) }
    expect((await bench.post(operator, `/api/v1/rollouts/${id}/approve`, { signatures: [good] })).status).toBe(403)
    expect((await bench.post(approver, `/api/v1/rollouts/${id}/approve`, { signatures: [good] })).status).toBe(201)
    await eventually('the host was told', async () => agent.stub.effects.length === 1)
  })

  test('abort and reverse want a proof of minutes ago, and a person', async () => {
    group += 1
    await hostOf({})
    const { id } = await make(operator)
    const later = await bench.person('operator')
    bench.backend.clock.advance(6 * 60_000)
    for (const kind of ['abort', 'reverse']) {
      expect((await act(later, id, kind)).json()).toMatchObject({ type: '/problems/authentication_too_old' })
    }
    expect((await act(await bench.person('operator'), id, 'abort')).json()).toMatchObject({ phase: 'aborted' })
  })
})

describe('T07 with a scope', () => {
  test('a plan finds hosts of the scope alone, and a rollout of others is as none', async () => {
    group += 1
    const own = await hostOf({ env: 'staging' })
    const foreign = await hostOf({ env: 'prod' })
    const scoped = await bench.person('operator', 'label.env:staging')
    const preview = await bench.post(scoped, '/api/v1/rollouts/preview', { plan: planOf() })
    expect(preview.json<RolloutPreview>().waves[0]?.hosts).toEqual([{ id: own.id, name: own.name }])
    expect(preview.text).not.toContain(foreign.id)
    const mine = await make(scoped)
    expect(mine.counts).toEqual({ waiting: 1 })
    const all = await make(operator)
    expect(all.counts).toEqual({ waiting: 2 })
    for (const path of ['', '/hosts', '/decisions', '/approvals', '/transition']) {
      const [foreignOne, none] = await Promise.all([
        bench.read(scoped, `/api/v1/rollouts/${all.id}${path}`),
        bench.read(scoped, `/api/v1/rollouts/5f0c1d6e-0000-4000-8000-000000000000${path}`),
      ])
      expect([path, foreignOne?.status, none?.status]).toEqual([path, 404, 404])
    }
    expect((await act(scoped, all.id, 'start')).status).toBe(404)
    const listed = (await bench.read(scoped, '/api/v1/rollouts')).json<RolloutList>()
    expect(listed.items.map(({ id }) => id)).toEqual([mine.id])
    // What another rollout is called is not told, only that it is in the way.
    expect((await act(operator, all.id, 'start')).status).toBe(200)
    const overlapping = await act(scoped, mine.id, 'start')
    expect(overlapping.json()).toMatchObject({ type: '/problems/rollout_overlaps' })
    expect(overlapping.text).toContain('another rollout')
    expect(overlapping.text).not.toContain(foreign.name)
  })

  test('the event stream names own rollouts, and no other', async () => {
    group += 1
    await hostOf({ env: 'staging' })
    const scoped = await bench.person('operator', 'label.env:staging')
    const streams = await Promise.all([
      followStream(bench.backend, scoped.cookie),
      followStream(bench.backend, operator.cookie),
    ])
    await Promise.all(streams.map(({ until }) => until(({ id }) => id !== undefined)))
    await hostOf({ env: 'prod' })
    const { id: theirs } = await make(operator)
    const { id: own } = await make(scoped)
    for (const { until } of streams) {
      await until(({ event }) => event?.type === 'rollout.changed' && event.rolloutId === own)
    }
    expect(streams.map((stream) => stream.text().includes(theirs))).toEqual([false, true])
    for (const { stop } of streams) stop()
  })

  test('a rollout of which one host was removed is told of to the whole fleet alone', async () => {
    group += 1
    const [gone] = [await hostOf({ env: 'staging' }), await hostOf({ env: 'staging' })]
    const scoped = await bench.person('operator', 'label.env:staging')
    const { id } = await make(scoped)
    await bench.kysely.deleteFrom('hosts').where('id', '=', gone.id).execute()
    expect((await bench.read(scoped, `/api/v1/rollouts/${id}`)).status).toBe(404)
    expect((await bench.read(operator, `/api/v1/rollouts/${id}`)).status).toBe(200)
  })
})

test('hosts and decisions come in pages', async () => {
  group += 1
  const hosts = [await hostOf({}), await hostOf({}), await hostOf({})]
  const { id } = await make(operator)
  const seen: string[] = []
  let cursor = ''
  do {
    const answer = await bench.read(operator, `/api/v1/rollouts/${id}/hosts?limit=1${cursor}`)
    const page = answer.json<{ items: { id: string }[]; nextCursor: string | null; total: number }>()
    expect(page.total).toBe(3)
    seen.push(...page.items.map((host) => host.id))
    cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`
  } while (cursor !== '')
  expect(seen.sort()).toEqual(hosts.map((host) => host.id).sort())
  await act(operator, id, 'start')
  const log = (await bench.read(operator, `/api/v1/rollouts/${id}/decisions?limit=1&before=1`)).json<{
    items: { number: number; kind: string }[]
  }>()
  expect(log.items.map(({ number, kind }) => [number, kind])).toEqual([[0, 'started']])
})

test('whoever has all hosts asks for those alone that changed since', async () => {
  group += 1
  const hosts = [await hostOf({}), await hostOf({}), await hostOf({})]
  const { id } = await make(operator)
  const read = async (query: string) =>
    (await bench.read(operator, `/api/v1/rollouts/${id}/hosts?${query}`)).json<RolloutHostList>()
  const { changes } = await read('limit=1')
  expect((await read(`changedSince=${changes}`)).items).toEqual([])
  const left = hosts[1]?.id ?? ''
  await act(operator, id, 'exclude', { hosts: [left] })
  const after = await read(`changedSince=${changes}`)
  expect(after.items.map((host) => [host.id, host.stage])).toEqual([[left, 'left out']])
  expect(after).toMatchObject({ total: 1, nextCursor: null })
  expect(after.changes).toBeGreaterThan(changes)
  expect((await read(`changedSince=${after.changes}`)).items).toEqual([])
})
