// Goal: a machine that the emulator lost is booted again, and one that died otherwise is not. Method: a kernel that is told
// to crash, once with the emulator's known words on its console and once without.
import { expect, test } from 'vitest'
import { MachineDied } from './death.ts'
import { withMachine } from './with-machine.ts'

test('a run is repeated after the emulator crashed, and only then', async () => {
  let runs = 0
  const outcome = withMachine({ kernel: '6.1', hostname: 'lab-crash' }, async (machine) => {
    runs += 1
    if (runs === 1) await machine.write('/dev/kmsg', '<1>int3: 0000 [#1] PREEMPT SMP\n')
    await machine.write('/proc/sysrq-trigger', 'c')
  })
  await expect(outcome).rejects.toThrow(MachineDied)
  expect(runs).toBe(2)
})
