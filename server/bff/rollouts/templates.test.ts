// Goal: templates are kept by those who may, by names that differ, and the API says of a plan which field it cannot use.
// Method: a real backend and people of several roles.
import type { Problem } from '@rebootless/shared/contract/problem.ts'
import { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import {
  RolloutTemplate,
  RolloutTemplateList,
  RolloutTemplatePlan,
} from '@rebootless/shared/contract/rollout-templates.ts'
import { FIRST_PLAN, SHIPPED_TEMPLATES } from '@rebootless/shared/domain/rollouts/shipped-templates.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addTestHost } from '../commands/test-fleet.ts'
import { type Person, type RequestBench, startRequestBench } from '../commands/test-requests.ts'

let bench: RequestBench
let operator: Person
let viewer: Person
beforeAll(async () => {
  bench = await startRequestBench()
  operator = await bench.person('operator')
  viewer = await bench.person('viewer')
})
afterAll(() => bench.end())

const URL = '/api/v1/rollout-templates'
const plan = { version: 1, waves: [{ name: 'all', share: { kind: 'rest' } }] }
const send = (who: Person, method: string, id: string, body: object) =>
  bench.backend.call(method, `${URL}/${id}`, { cookie: who.cookie, body })
const listed = async () => RolloutTemplateList.parse((await bench.read(viewer, URL)).json()).items

describe('templates of rollouts', () => {
  test('those that are shipped are plans to the letter, and nobody changes one', async () => {
    for (const template of SHIPPED_TEMPLATES) {
      expect(RolloutTemplate.parse(template)).toEqual(template)
      expect((await send(operator, 'PUT', template.id, { name: 'mine', plan })).status).toBe(400)
    }
    expect(RolloutTemplatePlan.parse(FIRST_PLAN)).toEqual(FIRST_PLAN)
    expect((await listed()).slice(0, SHIPPED_TEMPLATES.length)).toEqual(SHIPPED_TEMPLATES)
  })

  test('one is kept with its defaults filled in, written anew, and removed', async () => {
    expect((await bench.post(viewer, URL, { name: 'slowly', plan })).status).toBe(403)
    const answer = await bench.post(operator, URL, { name: ' Slowly ', about: 'for databases', plan })
    const made = RolloutTemplate.parse(answer.json())
    expect(made).toMatchObject({ name: 'Slowly', shipped: false, plan: { stalls: { policy: 'ask' } } })
    for (const name of ['SLOWLY', SHIPPED_TEMPLATES[0]?.name ?? '']) {
      const again = await bench.post(operator, URL, { name, plan })
      expect(again.json()).toMatchObject({ status: 409, type: '/problems/rollout_template_refused' })
    }
    const named = await send(operator, 'PUT', made.id, { name: 'Slowly', plan: { ...plan, newcomers: 'join' } })
    expect(named.json()).toMatchObject({ id: made.id, plan: { newcomers: 'join' } })
    expect((await listed()).map(({ name }) => name)).toContain('Slowly')
    expect((await send(viewer, 'DELETE', made.id, { reason: 'test' })).status).toBe(403)
    expect((await send(operator, 'DELETE', made.id, { reason: 'test' })).status).toBe(204)
    expect((await send(operator, 'DELETE', made.id, { reason: 'test' })).json()).toMatchObject({ status: 404 })
    expect((await listed()).map(({ name }) => name)).not.toContain('Slowly')
  })

  test('a change, hosts and a reason are no part of one', async () => {
    const answer = await bench.post(operator, URL, { name: 'x', plan: { ...plan, hosts: 'name:*' } })
    expect(answer.json<Problem>().mistakes).toEqual([
      { path: ['plan', 'hosts'], text: 'is not known here: leave it out' },
    ])
  })
})

const whole = (change: object) => ({
  ...{ ...plan, name: 'fix', reason: 'test', hosts: 'label.templates:yes' },
  change: { kind: 'load', patches: [bench.artefact] },
  ...change,
})

describe('a file that is checked', () => {
  const spec = { ...{ reason: 'test', hosts: 'name:*', waves: plan.waves }, change: { kind: 'disable', patch: 'lp_x' } }
  const document = { apiVersion: 'rebootless/v1', kind: 'Rollout', metadata: { name: 'fix' }, spec }
  test('comes back as the plan that it is, and what is wrong by its place in the file', async () => {
    const good = await bench.post(viewer, '/api/v1/rollouts/check', document)
    expect(good.json()).toEqual({ plan: RolloutPlan.parse({ version: 1, name: 'fix', ...spec }) })
    const bad = await bench.post(viewer, '/api/v1/rollouts/check', { ...document, spec: { ...spec, hosts: 7 } })
    expect(bad.json<Problem>().mistakes).toEqual([{ path: ['spec', 'hosts'], text: 'should be a text' }])
  })
})

describe('a preview', () => {
  test('names each field that cannot be used, without what stands there', async () => {
    const waves = [{ name: '', share: { kind: 'percent', percent: 101 } }]
    const answer = await bench.post(operator, '/api/v1/rollouts/preview', { plan: whole({ waves, hosts: undefined }) })
    expect(answer.json<Problem>().mistakes).toEqual([
      { path: ['plan', 'hosts'], text: 'is missing' },
      { path: ['plan', 'waves', 0, 'name'], text: 'is empty' },
      { path: ['plan', 'waves', 0, 'share', 'percent'], text: 'must be at most 100' },
    ])
  })

  test('T07 names rollouts that change the same hosts now, but none that the caller may not see', async () => {
    const bare = { livepatches: [], livepatchModules: [], memory: [], enabledFunctions: [] }
    const add = (env: string) => addTestHost(bench.kysely, { labels: { templates: 'yes', env }, snapshot: bare })
    await Promise.all([add('staging'), add('prod')])
    const preview = async (who: Person) =>
      (await bench.post(who, '/api/v1/rollouts/preview', { plan: RolloutPlan.parse(whole({})) })).json()
    expect(await preview(operator)).toMatchObject({ overlaps: [] })
    const { id } = (await bench.post(operator, '/api/v1/rollouts', { plan: whole({}) })).json<{ id: string }>()
    expect(await preview(operator)).toMatchObject({ overlaps: [] })
    expect((await bench.post(operator, `/api/v1/rollouts/${id}/start`, { reason: 'test' })).status).toBe(200)
    expect(await preview(operator)).toMatchObject({ overlaps: [{ id, name: 'fix', hosts: 2 }] })
    const scoped = await bench.person('operator', 'label.env:staging')
    expect(await preview(scoped)).toMatchObject({ overlaps: [{ id: null, name: null, hosts: 1 }] })
  })
})
