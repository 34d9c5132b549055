import { COSTS } from '../../livepatch/environment.ts'
import { STACK_ENTRIES_MAX } from '../../livepatch/stack-check.ts'
import { SIGNALS_TIMEOUT } from '../../livepatch/transition.ts'
import type { Assumption } from '../model.ts'

const TRANSITION = 'Linux 6.1, kernel/livepatch/transition.c'
const ORDER = 'of the order that a server shows; no measurement found'
const millisecondsOf = ({ from, to }: { from: number; to: number }): string => `${from / 1_000} to ${to / 1_000} ms`

export const LIVEPATCH_ASSUMPTIONS: readonly Assumption[] = [
  {
    ...{ system: 'livepatch', basis: 'source', source: `${TRANSITION}, klp_check_stack and MAX_STACK_ENTRIES` },
    ...{ says: 'Entries of a stack that are looked at; a deeper one is unreliable', value: `${STACK_ENTRIES_MAX}` },
  },
  {
    ...{ system: 'livepatch', basis: 'source', source: `${TRANSITION}, klp_try_complete_transition` },
    says: 'A pass over all tasks about each second, on a whole second of the kernel’s clock',
    value: '0.75 to 1.75 s',
  },
  {
    ...{ system: 'livepatch', basis: 'source', source: `${TRANSITION}, SIGNALS_TIMEOUT` },
    ...{ says: 'Failed passes before the first signal, and between two', value: `${SIGNALS_TIMEOUT}` },
  },
  {
    ...{ system: 'livepatch', basis: 'source', source: `${TRANSITION}, klp_update_patch_state` },
    says: 'A task also goes over on its way to user mode, and an idle task in its loop',
  },
  {
    ...{ system: 'livepatch', basis: 'published', source: 'live-patching list, 2025-02-14: 2.5 to 3.6 µs a task' },
    ...{ says: 'A pass over 32 tasks', value: millisecondsOf(COSTS.passPart) },
  },
  {
    ...{ system: 'livepatch', basis: 'assumed', source: ORDER },
    ...{ says: 'Registering one function with ftrace', value: millisecondsOf(COSTS.patchFunction) },
  },
  {
    ...{ system: 'livepatch', basis: 'assumed', source: ORDER },
    ...{
      says: 'Waiting for all CPUs at the end (klp_synchronize_transition)',
      value: millisecondsOf(COSTS.synchronize),
    },
  },
  {
    ...{ system: 'livepatch', basis: 'assumed', source: ORDER },
    ...{ says: 'Taking one function out of ftrace', value: millisecondsOf(COSTS.unpatchFunction) },
  },
  {
    ...{ system: 'livepatch', basis: 'assumed', source: ORDER },
    says: 'Making the patch’s directories, initialising it, and going from there to the first pass',
    value: [COSTS.directory, COSTS.initialize, COSTS.start].map(millisecondsOf).join(', '),
  },
  {
    ...{ system: 'livepatch', basis: 'assumed', source: ORDER },
    ...{ says: 'A callback of an object', value: millisecondsOf(COSTS.callbacks) },
  },
  {
    ...{ system: 'livepatch', basis: 'assumed', source: ORDER },
    ...{ says: 'Until a patch that is out is freed', value: millisecondsOf(COSTS.free) },
  },
  {
    ...{ system: 'livepatch', basis: 'assumed', source: ORDER },
    says: 'Until an idle CPU goes round its loop: kicked (since 5.16), and not kicked, on average',
    value: `${millisecondsOf(COSTS.idleKicked)}, ${COSTS.idleUnkicked.mean / 1_000} ms`,
  },
]
