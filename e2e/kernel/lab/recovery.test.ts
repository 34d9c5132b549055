// Goal: a machine that the emulator lost is booted again, with those beside it, and one that died otherwise is not. Method: a
// kernel that is told to crash, once with the emulator's known words on its console and once without.
import { expect, test } from 'vitest'
import { MachineDied } from './death.ts'
import { withMachines } from './with-machine.ts'

test('a run is repeated on machines booted anew after the emulator of one crashed, and only then', async () => {
  const left: (number | null)[] = []
  const machines = [
    { kernel: '6.1', hostname: 'lab-beside' },
    { kernel: '6.1', hostname: 'lab-crash' },
  ] as const
  const outcome = withMachines(machines, async ([beside, crash]) => {
    left.push((await beside.exec(['test', '-e', '/run/of-the-first-run'])).code)
    await beside.write('/run/of-the-first-run', '')
    if (left.length === 1) await crash.write('/dev/kmsg', '<1>int3: 0000 [#1] PREEMPT SMP\n')
    await crash.write('/proc/sysrq-trigger', 'c')
  })
  await expect(outcome).rejects.toThrow(MachineDied)
  expect(left, 'twice, and each time without the file').toEqual([1, 1])
})
