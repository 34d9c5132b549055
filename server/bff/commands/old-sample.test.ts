// Goal: what a host's agent saw of a transition before its present link is no ground for a force. Method: a real backend over
// PostgreSQL, a stalled host, and a link that begins anew.
import { HostActions } from '@rebootless/shared/contract/commands-api.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createIngest } from '../ingest/ingest.ts'
import { readReadingsOf } from '../ingest/read-readings.ts'
import { stalledSample } from '../ingest/test-messages.ts'
import { addTestHost } from './test-fleet.ts'
import { type RequestBench, STALLED_LIVEPATCHES, startRequestBench } from './test-requests.ts'

let bench: RequestBench
beforeAll(async () => {
  bench = await startRequestBench()
})
afterAll(() => bench.end())

test('T26 what was seen before the present link offers no force, until the agent says it anew', async () => {
  const operator = await bench.person('operator')
  const snapshot = { transition: stalledSample(), livepatches: STALLED_LIVEPATCHES }
  const host = await addTestHost(bench.kysely, { snapshot })
  const refusals = async () => {
    const answer = await bench.read(operator, `/api/v1/hosts/${host.id}/actions`)
    const { actions } = HostActions.parse(answer.json())
    return ['reverse', 'retry', 'signal', 'force'].map((act) => actions.find(({ action }) => action === act)?.refusal)
  }
  expect(await refusals()).toEqual([null, null, null, null])

  const now = bench.backend.clock.now()
  const ingest = createIngest({ database: bench.kysely, clock: bench.backend.clock, changesEveryMs: 0 })
  const { hello: before } = await readReadingsOf(bench.kysely, host.id)
  if (before === null) throw new Error('the host has said no hello')
  await ingest.linkOpened(host.id, 'link-2', { ...before.body, epoch: 2, sequence: 1 }, now)
  const old = expect.stringMatching(/has yet to say whether tasks block/)
  expect(await refusals()).toEqual([null, old, old, old])
  const force = { action: 'force', artefact: null, patch: 'lp_fix' }
  expect((await bench.request(operator, [host], force)).json()).toMatchObject({ status: 409, detail: old })

  const sentAt = now.toISOString()
  const sample = { ...stalledSample(), blocking: [], blockingTotal: 0 }
  await ingest.accept(host.id, { type: 'transition', epoch: 2, sequence: 2, sentAt, sample }, now)
  const none = expect.stringMatching(/No task blocks/)
  expect(await refusals()).toEqual([null, none, none, none])
  await ingest.accept(host.id, { type: 'transition', epoch: 2, sequence: 3, sentAt, sample: stalledSample() }, now)
  expect(await refusals()).toEqual([null, null, null, null])
})
