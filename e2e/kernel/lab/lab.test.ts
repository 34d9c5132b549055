// Goal: the lab itself works, so that a failure of a test built on it is the product's. Method: on each kernel one patch
// that goes through, and one that a single reader holds up, in the terms of livepatch.rst alone.
import { describe, expect, test } from 'vitest'
import { KERNELS } from './kernel-tree.ts'
import { blockingThreads, livepatchFiles, patchStates, transitionEnds } from './livepatch.ts'
import { withMachine } from './with-machine.ts'

describe.each(KERNELS)('Linux %s', (kernel) => {
  test('a patch goes through, another waits for exactly one thread, and both can be taken out', async () => {
    await withMachine({ kernel, hostname: `lab-${kernel}` }, async (machine) => {
      expect((await machine.exec(['uname', '-r'])).stdout.trim()).toBe(machine.release)
      expect((await machine.exec(['hostname'])).stdout.trim()).toBe(`lab-${kernel}`)
      expect((await machine.exec(['ping', '-c', '1', '-W', '5', '10.0.2.2'])).code).toBe(0)

      await machine.insmod('lp_simple')
      await transitionEnds(machine, 'lp_simple')
      expect(await machine.read('/proc/cmdline')).toBe('patched by lp_simple\n')
      await expect(machine.insmod('lp_simple')).rejects.toThrow('File exists')

      await machine.insmod('lptarget')
      const pid = await machine.spawnReader({
        ...{ path: '/proc/lpt/wait_killable', name: 'db-writer', thread: 'worker-3', unit: 'db-writer' },
      })
      const tid = await expect
        .poll(async () => (await machine.exec(['sh', '-c', `grep -l worker-3 /proc/${pid}/task/*/comm`])).stdout)
        .toMatch(/task\/\d+\/comm/)
        .then(async () => Number((await machine.exec(['ls', `/proc/${pid}/task`])).stdout.trim().split('\n').at(-1)))
      expect(await machine.read(`/proc/${pid}/cgroup`)).toBe('0::/system.slice/db-writer.service\n')

      await machine.insmod('lp_killable')
      await expect.poll(() => blockingThreads(machine, 1), { timeout: 15_000, interval: 500 }).toEqual([tid])
      expect(await livepatchFiles(machine, 'lp_killable')).toEqual({ enabled: true, transition: true })
      expect(await machine.read(`/proc/${pid}/task/${tid}/stack`)).toContain('lpt_wait_killable')
      await expect(machine.insmod('lp_replace')).rejects.toThrow('Device or resource busy')

      await machine.write('/proc/lpt/ctl', 'release\n')
      await transitionEnds(machine, 'lp_killable')
      expect(await machine.wait(pid)).toMatchObject({ code: 0, stdout: '0\n' })
      expect(new Set((await patchStates(machine)).values())).toEqual(new Set([-1]))

      for (const patch of ['lp_killable', 'lp_simple']) {
        await machine.write(`/sys/kernel/livepatch/${patch}/enabled`, '0')
        await transitionEnds(machine, patch, 'gone')
        await machine.rmmod(patch)
      }
      expect(await machine.read('/proc/cmdline')).toContain('console=')
      await machine.powerOff()
    })
  })
})
