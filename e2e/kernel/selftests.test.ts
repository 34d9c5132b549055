// Goal: what the simulated kernel is taken to do, real kernels do. Method: the scenarios that it passes (the kernel's own
// livepatch selftests, server/sim/conformance/selftests) run with the same expectations on each kernel, one boot for all.
import { expect, test } from 'vitest'
import { SCENARIOS } from '../../server/sim/conformance/selftests/all-scenarios.ts'
import { runScenario } from '../../server/sim/conformance/selftests/runner.ts'
import { KERNELS } from './lab/kernel-tree.ts'
import { RealKernelDriver } from './lab/selftest-driver.ts'
import { withMachine } from './lab/with-machine.ts'

test.each(KERNELS)('Linux %s passes the selftests as the simulated kernel does', async (kernel) => {
  // Some 70 patchings in one boot, one under hammered system calls, would often meet the emulator's fault (lab/death.ts).
  await withMachine({ kernel, hostname: `selftests-${kernel}`, singleThread: true }, async (machine) => {
    const driver = await RealKernelDriver.start(machine)
    const applicable = SCENARIOS.filter(({ needs }) => needs === undefined || driver.has(needs))
    expect(applicable.length).toBeGreaterThanOrEqual(28)
    const wrong: Record<string, readonly string[]> = {}
    for (const scenario of applicable) {
      const found = await runScenario(driver, scenario)
      if (found.length > 0) wrong[scenario.name] = found
    }
    expect(wrong).toEqual({})
    await machine.powerOff()
  })
})
