import type { Assumption } from '../model.ts'
import { STOP_SOURCE, STOP_US } from './stop-machine.ts'

export const KSPLICE = {
  attempts: 5,
  retryUs: 1_000_000,
  jumpBytes: 5,
  /** Words on a kernel stack: saved registers and the scheduler's frames, and each function's own. */
  wordsAtRest: 48,
  wordsOfFunction: 14,
  /** Comparing one word with one range of addresses, microseconds. */
  wordUs: 0.001,
  /** That a function which a task has called before left its address in what its stack holds now. */
  staleWordChance: 0.001,
} as const

const CORE = 'ksplice 0.9.9, kmodsrc/ksplice.c'

export const KSPLICE_ASSUMPTIONS: readonly Assumption[] = [
  {
    ...{ system: 'ksplice', basis: 'source', source: `${CORE}, patch_action` },
    ...{ says: 'Attempts before it gives up', value: `${KSPLICE.attempts}` },
  },
  {
    ...{ system: 'ksplice', basis: 'source', source: `${CORE}, patch_action` },
    ...{ says: 'Pause between attempts', value: `${KSPLICE.retryUs / 1_000} ms` },
  },
  {
    ...{ system: 'ksplice', basis: 'source', source: 'ksplice 0.9.9, kmodsrc/x86/ksplice-arch.c, prepare_trampoline' },
    ...{ says: 'Length of the jump that is written over a replaced function', value: `${KSPLICE.jumpBytes} bytes` },
  },
  {
    ...{ system: 'ksplice', basis: 'source', source: `${CORE}, check_stack` },
    says: 'Every word from the saved stack pointer to the end of the stack is compared; there is no unwinder',
  },
  {
    ...{ system: 'ksplice', basis: 'source', source: `${CORE}, match_pre_sections` },
    says: 'The running code must match the rebuilt old code, else nothing is stopped',
  },
  {
    ...{ system: 'ksplice', basis: 'inferred', source: STOP_SOURCE },
    ...{ says: 'Stopping all CPUs and letting them go', value: `${STOP_US.from / 1_000} to ${STOP_US.to / 1_000} ms` },
  },
  {
    ...{ system: 'ksplice', basis: 'assumed', source: 'of the order of frames on x86-64; no measurement found' },
    says: 'Words on a stack besides the functions of the load, and for each function',
    value: `${KSPLICE.wordsAtRest} and ${KSPLICE.wordsOfFunction}`,
  },
  {
    ...{ system: 'ksplice', basis: 'assumed', source: 'one comparison from the cache; no measurement found' },
    ...{ says: 'Comparing one word with one range', value: `${KSPLICE.wordUs * 1_000} ns` },
  },
  {
    ...{
      system: 'ksplice',
      basis: 'assumed',
      source: 'the effect follows from the check of every word; its rate is ours',
    },
    says: 'Chance that a function which a task called earlier left its address on the stack that it has now',
    value: `${KSPLICE.staleWordChance * 1_000} in 1,000`,
  },
]
