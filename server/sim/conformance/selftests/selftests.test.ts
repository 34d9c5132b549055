// Goal: the simulated kernel passes what the kernel's own livepatch selftests check (tools/testing/selftests/livepatch).
// Method: their scenarios as data, each on a fresh simulated kernel of three ages, its log held line by line; the same
// data runs on real kernels in e2e/kernel/selftests.test.ts.
import { describe, expect, test } from 'vitest'
import { simulatedFacts } from '../capture-kernel.ts'
import { SCENARIOS } from './all-scenarios.ts'
import { runScenario } from './runner.ts'
import { SimulatedDriver } from './simulated-driver.ts'

describe.each(['6.1.0-56-cloud-amd64', '6.12.117+deb12-cloud-amd64', '7.3.4+deb13-cloud-amd64'])(
  'Linux %s',
  (release) => {
    const facts = simulatedFacts(release, 'x86_64')
    const applicable = SCENARIOS.filter(({ needs }) => needs === undefined || new SimulatedDriver(facts, 1).has(needs))

    test.each(applicable)('$name', async (scenario) => {
      for (const seed of [1, 2, 3]) expect(await runScenario(new SimulatedDriver(facts, seed), scenario)).toEqual([])
    })
  },
)

test('a scenario that is wrong in one line fails', async () => {
  const facts = simulatedFacts('6.12.117+deb12-cloud-amd64', 'x86_64')
  const wrong = { name: 'wrong', steps: [{ do: 'load', module: 'lab_target', log: ['lab_target: exit'] }] } as const
  expect(await runScenario(new SimulatedDriver(facts, 1), wrong)).toEqual([
    expect.stringMatching(/^step 1, load lab_target: log/),
  ])
})
