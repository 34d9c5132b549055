// Goal: the simulated kernel shows what recorded kernels showed. Method: the steps of every capture are carried out on
// it with the same modules; what it returns, logs and shows must be what was recorded, in the same order. A capture that
// is dropped in is judged as it is.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readCapture } from '../../agent/recorded/capture.ts'
import { recordedScenarios } from '../../agent/recorded/recorded-host.ts'
import { ACCEPTED_DIFFERENCES, acceptedFor } from './accepted-differences.ts'
import { judgeCapture } from './judge.ts'

const scenarios = await recordedScenarios(join(import.meta.dirname, '..', '..', 'agent', 'captures'))

/** How many claims were held against the simulated kernel: a judge that asks nothing is no judge. */
const asked = { outcomes: 0, snaps: 0, sightings: 0, records: 0, tasks: 0 }
const met = new Set<unknown>()

describe.each(scenarios)('$kernel $scenario', ({ kernel, scenario, folder }) => {
  test('the simulated kernel shows what was recorded', async () => {
    const judgement = await judgeCapture(await readCapture(folder), kernel)
    for (const key of Object.keys(asked) as (keyof typeof asked)[]) asked[key] += judgement.asked[key]
    const unexpected = judgement.differences.filter((difference) => {
      const accepted = acceptedFor(scenario, difference)
      met.add(accepted)
      return accepted === undefined
    })
    expect(unexpected).toEqual([])
  })
})

test('the recordings were asked, and no accepted difference has gone', () => {
  expect(scenarios.length).toBeGreaterThanOrEqual(96)
  expect(asked.outcomes).toBeGreaterThanOrEqual(1_600)
  expect(asked.snaps).toBeGreaterThanOrEqual(1_000)
  expect(asked.sightings).toBeGreaterThanOrEqual(1_700)
  expect(asked.records).toBeGreaterThanOrEqual(1_100)
  expect(asked.tasks).toBeGreaterThanOrEqual(1_000)
  expect(ACCEPTED_DIFFERENCES.filter((accepted) => !met.has(accepted))).toEqual([])
})
