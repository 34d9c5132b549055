import type { Assumption } from '../model.ts'
import { STACK_CHECK_US, STOP_SOURCE, STOP_US } from './stop-machine.ts'

export const KERNELCARE = {
  freezeLimitUs: 20_000_000,
  checkHours: 4,
} as const

/** `kcarectl --freezer`: which threads are frozen for the change. */
export type Freezer = 'none' | 'full' | 'smart'

const DOCS = 'cloudlinux/tuxcare-documentation, docs/live-patching-services/README.md'
const NOT_SAID = 'the vendor does not say'

export const KERNELCARE_ASSUMPTIONS: readonly Assumption[] = [
  {
    ...{ system: 'kernelcare', basis: 'published', source: DOCS },
    says: 'The freezer’s styles: no thread, all threads, or those that need it; unset, one is chosen',
    value: 'none, full, smart',
  },
  {
    ...{ system: 'kernelcare', basis: 'published', source: DOCS },
    says: 'An update may be forced even if some threads cannot be frozen',
  },
  {
    ...{ system: 'kernelcare', basis: 'published', source: DOCS },
    ...{ says: 'Time until the next check for updates, and so the next try', value: `${KERNELCARE.checkHours} h` },
  },
  {
    ...{
      system: 'kernelcare',
      basis: 'published',
      source: 'cloudlinux/tuxcare-documentation, docs/kernelcare-for-iot/README.md',
    },
    says: 'Changed code does not execute during the update',
  },
  {
    ...{ system: 'kernelcare', basis: 'assumed', source: NOT_SAID },
    says: 'The style smart freezes the threads with a changed function on their stack, and is the one chosen when unset',
  },
  {
    ...{
      system: 'kernelcare',
      basis: 'assumed',
      source: `${NOT_SAID}; Linux’s own freezer, kernel/power/process.c, freeze_timeout_msecs`,
    },
    ...{ says: 'How long it waits for threads to freeze', value: `${KERNELCARE.freezeLimitUs / 1_000_000} s` },
  },
  {
    ...{ system: 'kernelcare', basis: 'assumed', source: `${NOT_SAID}; Linux’s own freezer, kernel/freezer.c` },
    says: 'User threads freeze on their way to user mode, kernel threads only where they look for it',
  },
  {
    ...{ system: 'kernelcare', basis: 'assumed', source: NOT_SAID },
    says: 'When they are frozen all CPUs stop, every stack is followed, and the functions go over at once if none holds a changed one',
  },
  {
    ...{ system: 'kernelcare', basis: 'assumed', source: NOT_SAID },
    says: 'Threads that enter a changed function meanwhile are frozen too; what does not go in then waits for the next check',
  },
  {
    ...{ system: 'kernelcare', basis: 'assumed', source: NOT_SAID },
    says: 'A new set takes the place of the old at the same instant',
  },
  {
    ...{ system: 'kernelcare', basis: 'assumed', source: `${NOT_SAID}; as for kpatch: ${STOP_SOURCE}` },
    ...{ says: 'Stopping all CPUs and letting them go', value: `${STOP_US.from / 1_000} to ${STOP_US.to / 1_000} ms` },
  },
  {
    ...{ system: 'kernelcare', basis: 'assumed', source: `${NOT_SAID}; as for kpatch: ${STOP_SOURCE}` },
    ...{ says: 'Following one thread’s stack', value: `${STACK_CHECK_US.from} to ${STACK_CHECK_US.to} µs` },
  },
]
