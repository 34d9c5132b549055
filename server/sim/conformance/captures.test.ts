// Goal: the simulated kernel shows what recorded kernels showed. Method: the steps of every capture are carried out on
// it with the same modules; what it returns, logs and shows must be what was recorded, in the same order. A capture that
// is dropped in is judged as it is.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readCapture } from '../../agent/recorded/capture.ts'
import { recordedScenarios } from '../../agent/recorded/recorded-host.ts'
import { judgeCapture } from './judge.ts'

const scenarios = await recordedScenarios(join(import.meta.dirname, '..', '..', 'agent', 'captures'))

describe.each(scenarios)('$kernel $scenario', ({ kernel, folder }) => {
  test('the simulated kernel shows the same', async () => {
    const { differences } = await judgeCapture(await readCapture(folder), kernel)
    expect(differences).toEqual([])
  })
})
