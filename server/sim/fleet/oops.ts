import type { SimulatedKernel } from '../kernel/simulated-kernel.ts'

/** First lines of an oops by architecture: die(), __die() and do_page_fault() in arch/. */
const HEADS = {
  x86_64: ['BUG: kernel NULL pointer dereference, address: 0000000000000018', 'Oops: 0000 [#1] PREEMPT SMP NOPTI'],
  aarch64: [
    'Unable to handle kernel NULL pointer dereference at virtual address 0000000000000018',
    'Internal error: Oops: 0000000096000004 [#1] SMP',
  ],
  ppc64le: [
    'BUG: Kernel NULL pointer dereference on read at 0x00000018',
    'Oops: Kernel access of bad area, sig: 11 [#1]',
  ],
  s390x: ['Unable to handle kernel pointer dereference in virtual kernel address space', 'Oops: 0004 ilc:3 [#1] SMP'],
} as const
const PROGRAM_COUNTER = { x86_64: 'RIP: 0010:', aarch64: 'pc : ', ppc64le: 'NIP ', s390x: 'Krnl PSW : ' } as const

/** The kernel stumbles in a function of a livepatch, kills the task that was in it, and goes on with taint D. */
export const oops = (kernel: SimulatedKernel, patch: string, functionName: string): void => {
  const { architecture, release } = kernel.facts
  for (const line of HEADS[architecture]) kernel.log(1, line)
  const task = [...kernel.machine.tasks.values()].findLast(({ kind, pid }) => kind === 'user' && pid > 1)
  kernel.log(4, `CPU: 0 PID: ${task?.pid ?? 1} Comm: ${task?.comm ?? 'init'} Tainted: G           O  K   ${release} #1`)
  kernel.log(4, `${PROGRAM_COUNTER[architecture]}${functionName}+0x2c/0x1a0 [${patch}]`)
  kernel.log(4, '---[ end trace 0000000000000000 ]---')
  kernel.taint('D')
  if (task) kernel.machine.exit(task)
}

export const PANIC = 'Kernel panic - not syncing: Fatal exception'
