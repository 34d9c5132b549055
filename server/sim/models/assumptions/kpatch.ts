import type { Assumption } from '../model.ts'
import { STACK_CHECK_US, STOP_SOURCE, STOP_US } from './stop-machine.ts'

export const KPATCH = {
  attempts: 5,
  retryUs: 2_000_000,
  stackEntriesMax: 64,
} as const

export const KPATCH_ASSUMPTIONS: readonly Assumption[] = [
  {
    ...{ system: 'kpatch', basis: 'source', source: 'dynup/kpatch, kpatch/kpatch, MAX_LOAD_ATTEMPTS' },
    ...{ says: 'Attempts, by the script; the core itself never tries again', value: `${KPATCH.attempts}` },
  },
  {
    ...{ system: 'kpatch', basis: 'source', source: 'dynup/kpatch, kpatch/kpatch, RETRY_INTERVAL' },
    ...{ says: 'Pause between attempts', value: `${KPATCH.retryUs / 1_000_000} s` },
  },
  {
    ...{ system: 'kpatch', basis: 'source', source: 'dynup/kpatch, kmod/core/core.c, MAX_STACK_TRACE_DEPTH' },
    ...{
      says: 'Entries of a stack that are looked at; a stack that fills them is refused',
      value: `${KPATCH.stackEntriesMax}`,
    },
  },
  {
    ...{ system: 'kpatch', basis: 'source', source: 'dynup/kpatch, kmod/core/core.c, kpatch_verify_activeness_safety' },
    says: 'The check ends at the first thread with the active version of a changed function on its stack',
  },
  {
    ...{ system: 'kpatch', basis: 'source', source: 'dynup/kpatch, kmod/core/core.c, kpatch_ftrace_handler' },
    says: 'An NMI that calls a changed function during the change gets the earlier version, and the change is rolled back',
  },
  {
    ...{ system: 'kpatch', basis: 'inferred', source: STOP_SOURCE },
    ...{ says: 'Stopping all CPUs and letting them go', value: `${STOP_US.from / 1_000} to ${STOP_US.to / 1_000} ms` },
  },
  {
    ...{ system: 'kpatch', basis: 'inferred', source: STOP_SOURCE },
    ...{ says: 'Following one thread’s stack', value: `${STACK_CHECK_US.from} to ${STACK_CHECK_US.to} µs` },
  },
]
