import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { BlockingTaskFacts, TransitionSample } from '@rebootless/shared/contract/transition.ts'

import { bareSnapshot } from './bare-snapshot.ts'

const PATCH = 'livepatch_bench'
/** As a database server has them. */
const TASKS = 900
const BLOCKING = 3
const STACK = ['lpt_wait_killable', 'proc_reg_read', 'vfs_read', 'ksys_read', 'do_syscall_64', 'entry_SYSCALL_64']

export const bareSnapshotInTransition = (hostName: string): Snapshot => {
  const functions = STACK.slice(0, 1).map((name) => ({ name, sympos: 1 }))
  const livepatch = {
    ...{ name: PATCH, enabled: true, transition: true, replace: null, stackOrder: null, unknownAttributes: [] },
    objects: [{ name: 'vmlinux', patched: true, functions }],
  }
  return { ...bareSnapshot(hostName), livepatches: [livepatch] }
}

/** By how much of its tasks a transition is behind in its first seconds; then it waits for the blocking ones alone. */
const BEHIND = [0.3, 0.05, 0.01]

/** What a host reads in the n-th second of a transition that some of its tasks hold up. */
export const bareSample = (second: number, startedAt: Date): TransitionSample => {
  const sampledAt = new Date(startedAt.getTime() + second * 1_000)
  const blocking = Array.from({ length: second < BEHIND.length ? 0 : BLOCKING }, (_, index) =>
    task(1_000 + index, startedAt),
  )
  return {
    ...({ patch: PATCH, target: 'patching', startedAt: startedAt.toISOString() } as const),
    ...{
      sampledAt: sampledAt.toISOString(),
      tasksTotal: TASKS,
      tasksRemaining: Math.max(BLOCKING, Math.round(TASKS * (BEHIND[second] ?? 0))),
    },
    ...{ signalledAt: null, forcedAt: null, blocking, blockingTotal: blocking.length, tasksUnreadable: 0 },
  }
}

const task = (pid: number, since: Date): BlockingTaskFacts => ({
  ...{ pid, tid: pid, comm: `worker-${pid}`, kernelThread: false, state: 'S', wchan: STACK[0] ?? null },
  ...{ systemCall: 'read', cgroup: '/system.slice/db.service', unit: 'db.service', container: null },
  stack: STACK.map((name, index) => ({ function: name, offset: '0x8d/0xe0', module: null, held: index === 0 })),
  since: since.toISOString(),
})
