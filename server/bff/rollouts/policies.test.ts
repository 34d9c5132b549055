// Goal: no rollout begins over hosts of a policy that it breaks, whenever the policy came. Method: a real backend that drives
// rollouts itself, an admin who writes policies, and an operator whose plans break them.
import type { Problem } from '@rebootless/shared/contract/problem.ts'
import { KeptRolloutPolicy, RolloutPolicySet } from '@rebootless/shared/contract/rollout-policy.ts'
import { RolloutDetail, RolloutPreview } from '@rebootless/shared/contract/rollouts-api.ts'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { addTestHost, type TestHost } from '../commands/test-fleet.ts'
import {
  type Approver,
  type Person,
  production,
  type RequestBench,
  signatureOf,
  startRequestBench,
} from '../commands/test-requests.ts'
import { eventually } from '../link/link-test-bench.ts'

let bench: RequestBench
let admin: Person
let operator: Person
beforeAll(async () => {
  bench = await startRequestBench()
  admin = await bench.person('admin')
  operator = await bench.person('operator')
})
afterAll(() => bench.end())
afterEach(async () => {
  for (const name of ['soaks', 'canaries']) await remove(name)
})

const PATH = '/api/v1/rollout-policies'
const set = async (name: string, spec: object, who = admin) =>
  bench.backend.call('PUT', `${PATH}/${name}`, { cookie: who.cookie, body: { reason: 'as agreed', ...spec } })
const remove = (name: string) =>
  bench.backend.call('DELETE', `${PATH}/${name}`, { cookie: admin.cookie, body: { reason: 'test' } })

let group = 0
const bare = { livepatches: [], livepatchModules: [], memory: [], enabledFunctions: [] }
const hostOf = (labels: Record<string, string> = {}, policy = {}): Promise<TestHost> =>
  addTestHost(bench.kysely, { labels: { group: String(group), ...labels }, policy, snapshot: bare })
const planOf = (change: object = {}) => ({
  ...{ version: 1, name: 'fix', reason: 'CVE-2026-1', hosts: `label.group:${group}` },
  ...{ change: { kind: 'load', patches: [bench.artefact] }, waves: [{ name: 'all', share: { kind: 'rest' } }] },
  ...change,
})
const make = (change: object = {}) => bench.post(operator, '/api/v1/rollouts', { plan: planOf(change) })
const made = async (change: object = {}) => RolloutDetail.parse((await make(change)).json())
const start = (id: string) => bench.post(operator, `/api/v1/rollouts/${id}/start`, { reason: 'test' })
const read = async (id: string) => RolloutDetail.parse((await bench.read(operator, `/api/v1/rollouts/${id}`)).json())
const SOAK = { requires: { soakSecondsAtLeast: 60 } }

test('a plan that breaks two policies is told both, and is kept once it holds them; the preview says the same', async () => {
  group += 1
  await hostOf({ env: 'prod' })
  await hostOf({ env: 'prod' })
  expect((await set('soaks', { hosts: 'label.env:prod', ...SOAK })).status).toBe(200)
  expect((await set('canaries', { hosts: 'label.env:*', requires: { firstWaveAtMost: { hosts: 1 } } })).status).toBe(
    200,
  )
  const preview = await bench.post(operator, '/api/v1/rollouts/preview', { plan: planOf() })
  const { breaches } = RolloutPreview.parse(preview.json())
  expect(breaches.map(({ policy, field }) => [policy, field])).toEqual([
    ['canaries', 'waves[0].share'],
    ['soaks', 'waves[0].soakSeconds'],
  ])
  const refused = await make()
  expect(refused.json<Problem>()).toMatchObject({
    status: 422,
    type: '/problems/rollout_breaks_policy',
    detail: breaches.map(({ sentence }) => sentence).join(' '),
  })
  const waves = [
    { name: 'canary', share: { kind: 'count', hosts: 1 }, soakSeconds: 60 },
    { name: 'rest', share: { kind: 'rest' }, soakSeconds: 60 },
  ]
  expect((await make({ waves })).status).toBe(201)
})

test('hosts that a policy does not name are free of it', async () => {
  group += 1
  await hostOf({ env: 'lab' })
  await set('soaks', { hosts: 'label.env:prod', ...SOAK })
  expect((await make()).status).toBe(201)
})

test('a rollout that was kept before is refused its start', async () => {
  group += 1
  const host = await hostOf({ env: 'prod' })
  const { id } = await made()
  await set('soaks', { hosts: 'label.env:prod', ...SOAK })
  const agent = bench.linked(host)
  const refused = (await start(id)).json<Problem>()
  expect(refused).toMatchObject({
    status: 422,
    detail: expect.stringMatching(/^Policy soaks, waves\[0\]\.soakSeconds/),
  })
  expect([(await read(id)).phase, agent.commands()]).toEqual(['draft', 0])
})

test('T25 one that was started and waits for approvers does not begin against a policy that came meanwhile', async () => {
  group += 1
  const approver: Approver = await bench.approverWithKey()
  const host = await hostOf({ env: 'prod' }, production([approver]))
  const { id } = await made()
  expect((await start(id)).status).toBe(200)
  await set('soaks', { hosts: 'label.env:prod', ...SOAK })
  const agent = bench.linked(host)
  const { items } = (await bench.read(approver, `/api/v1/rollouts/${id}/approvals`)).json<{
    items: { id: string; payload: string }[]
  }>()
  const signatures = items.map((text) => ({ authorisation: text.id, ...signatureOf(approver, text.payload) }))
  expect((await bench.post(approver, `/api/v1/rollouts/${id}/approve`, { signatures })).status).toBe(201)
  await eventually('it says why it waits', async () => (await read(id)).sentence.includes('Policy soaks'))
  expect([(await read(id)).phase, agent.commands()]).toEqual(['awaiting approval', 0])
  expect((await remove('soaks')).status).toBe(204)
  await eventually('it begins', async () => agent.stub.effects.length === 1)
})

test('one that had begun goes on, and whoever sets the policy is told', async () => {
  group += 1
  await hostOf({ env: 'prod' })
  const { id } = await made()
  await start(id)
  const answer = await set('soaks', { hosts: 'label.env:prod', ...SOAK })
  const { goOn } = RolloutPolicySet.parse(answer.json())
  expect(goOn.filter((rollout) => rollout.id === id)).toMatchObject([{ name: 'fix', breaches: [{ policy: 'soaks' }] }])
  expect((await read(id)).phase).toBe('running')
})

test('the same again changes nothing; another replaces it; admins alone write', async () => {
  const first = RolloutPolicySet.parse((await set('soaks', { hosts: 'label.env:prod', ...SOAK })).json()).policy
  bench.backend.clock.advance(1000)
  const second = RolloutPolicySet.parse((await set('soaks', { hosts: 'label.env:prod', ...SOAK })).json()).policy
  expect(second).toEqual(first)
  await set('soaks', { hosts: 'label.env:lab', ...SOAK })
  const kept = KeptRolloutPolicy.parse((await bench.read(operator, `${PATH}/soaks`)).json())
  expect(kept.hosts).toBe('label.env:lab')
  expect((await set('soaks', { hosts: 'label.env:lab', ...SOAK }, operator)).status).toBe(403)
  expect((await bench.read(operator, `${PATH}/none`)).json()).toMatchObject({
    type: '/problems/rollout_policy_not_found',
  })
  expect((await set('soaks', { hosts: 'colour:red', ...SOAK })).json<Problem>()).toMatchObject({ status: 400 })
})
