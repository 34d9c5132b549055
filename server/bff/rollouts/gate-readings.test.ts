// Goal: a gate outside is open only when what was read says so; what could not be read is "not known" and shut. Method: the
// real reader, with servers that answer what a table says.

import { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import { newRollout } from '@rebootless/shared/domain/rollouts/new-rollout.ts'
import { expect, test } from 'vitest'
import { createGateReader } from './gate-readings.ts'

const NOW = Date.parse('2026-11-26T12:00:00.000Z')
const planWith = (gate: object) =>
  RolloutPlan.parse({
    ...{ version: 1, name: 'fix', reason: 'test', hosts: 'name:*', change: { kind: 'disable', patch: 'lp_fix' } },
    waves: [{ name: 'all', share: { kind: 'rest' }, gates: [gate] }],
  })
const soaking = (plan: RolloutPlan) => {
  const state = newRollout('5f0c1d6e-0000-4000-8000-000000000001', plan, [], NOW)
  return { ...state, waves: state.waves.map((wave) => ({ ...wave, stage: 'soaking' as const, round: 1 })) }
}
/** What the gate was read as: nothing by the first call, which asks, and the answer by the next. */
const readOnce = async (gate: object, answer: () => Promise<Response>) => {
  const asked: string[] = []
  const fetch = async (url: URL | string) => {
    asked.push(String(url))
    return answer()
  }
  const pressure = async () => ({ open: false, words: 'not known of web-01' })
  const reader = createGateReader({ fetch, pressure }, () => new Date(NOW))
  const plan = planWith(gate)
  expect(reader.read(plan, soaking(plan))).toEqual([])
  await reader.settled()
  const [reading, ...others] = reader.read(plan, soaking(plan))
  expect(others).toEqual([])
  return { asked, reading: reading?.reading }
}

const prometheus = {
  kind: 'prometheus',
  url: 'https://prometheus.example/graph',
  query: 'rate(x[5m])',
  is: '<',
  value: 0.1,
}
const vector = (...values: string[]) =>
  Response.json({
    status: 'success',
    data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [1, value] })) },
  })

test.each([
  ['all below', () => vector('0.01', '0.09'), true, '0.01 and 1 more'],
  ['one above', () => vector('0.01', '0.2'), false, '0.2 is not < 0.1'],
  ['no number', () => vector('NaN'), false, 'NaN is not < 0.1'],
  ['nothing', () => vector(), false, 'not known: the query finds nothing'],
  ['a scalar', () => Response.json({ status: 'success', data: { resultType: 'scalar', result: [1, '0'] } }), true, '0'],
  ['an error', () => Response.json({ status: 'error' }, { status: 422 }), false, 'not known: Prometheus answers 422'],
  ['a page', () => new Response('<html>'), false, 'not known: the answer is no vector and no number'],
])('Prometheus answers %s', async (_name, answer, open, words) => {
  const { asked, reading } = await readOnce(prometheus, async () => answer())
  expect(reading).toEqual({ open, words, at: new Date(NOW).toISOString() })
  expect(asked).toEqual(['https://prometheus.example/graph/api/v1/query?query=rate%28x%5B5m%5D%29'])
})

test('an HTTP gate is open on its status alone', async () => {
  const gate = { kind: 'http', url: 'https://shop.example/health', status: 204 }
  const answering = async (status: number) =>
    (await readOnce(gate, async () => new Response(status === 204 ? null : '', { status }))).reading?.open
  expect([await answering(204), await answering(200), await answering(503)]).toEqual([true, false, false])
})

test('T33 a server that does not answer, or is not called, leaves its gate shut and says why', async () => {
  const gate = { kind: 'http', url: 'https://shop.example/health' }
  const { reading } = await readOnce(gate, () => Promise.reject(new Error('it did not answer')))
  expect(reading).toMatchObject({ open: false, words: 'not known: it did not answer' })
})

test('pressure is what its own reader says', async () => {
  const { asked, reading } = await readOnce({ kind: 'pressure', of: 'cpu', growthPercent: 10 }, async () => vector('0'))
  expect([asked, reading]).toMatchObject([[], { open: false, words: 'not known of web-01' }])
})

test('nothing is asked before the wave has settled, and not again within a quarter of a minute', async () => {
  let asked = 0
  let now = NOW
  const fetch = async () => {
    asked += 1
    return new Response(null, { status: 200 })
  }
  const pressure = async () => ({ open: true, words: '' })
  const reader = createGateReader({ fetch, pressure }, () => new Date(now))
  const plan = planWith({ kind: 'http', url: 'https://shop.example/health' })
  const state = soaking(plan)
  reader.read(plan, { ...state, waves: state.waves.map((wave) => ({ ...wave, stage: 'going' as const })) })
  expect(asked).toBe(0)
  for (const [after, times] of [
    [0, 1],
    [14_000, 1],
    [15_000, 2],
  ] as const) {
    now = NOW + after
    reader.read(plan, state)
    await reader.settled()
    expect(asked).toBe(times)
  }
})
