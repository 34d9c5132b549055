import type { Span } from '../../core/random.ts'
import type { Assumption } from '../model.ts'

export const KGRAFT = {
  /** Until a work item runs on a CPU that is idle, and on one that is busy, microseconds. */
  workOnIdleCpuUs: { from: 10, to: 60 },
  workOnBusyCpuUs: { from: 60, to: 4_000 },
} satisfies Record<string, Span>

/** What changed with the years; the newest unless said otherwise. */
export interface KgraftAge {
  /** Between two looks at who is left (KGR_TIMEOUT), microseconds. */
  readonly timeoutUs: number
  /** Who is left is sent a fake signal at each look. */
  readonly fakeSignal: boolean
}

export const KGRAFT_AGES = {
  /** As first posted in 2014. */
  posted: { timeoutUs: 30_000_000, fakeSignal: false },
  /** SUSE Linux Enterprise 12. */
  sle12: { timeoutUs: 2_000_000, fakeSignal: true },
} as const satisfies Record<string, KgraftAge>

const SOURCE = 'SUSE, kernel/kgraft.c'

export const KGRAFT_ASSUMPTIONS: readonly Assumption[] = [
  {
    ...{ system: 'kgraft', basis: 'source', source: `${SOURCE} of SLE 12, KGR_TIMEOUT` },
    ...{ says: 'Between two looks at which threads are left', value: `${KGRAFT_AGES.sle12.timeoutUs / 1_000_000} s` },
  },
  {
    ...{ system: 'kgraft', basis: 'source', source: `${SOURCE} as posted in 2014, KGR_TIMEOUT` },
    ...{
      says: 'The same as first posted, without a fake signal',
      value: `${KGRAFT_AGES.posted.timeoutUs / 1_000_000} s`,
    },
  },
  {
    ...{ system: 'kgraft', basis: 'source', source: `${SOURCE}, kgr_send_fake_signal` },
    says: 'At each look, user threads that are left get a fake signal, and kernel threads are woken, whatever they wait for',
  },
  {
    ...{
      system: 'kgraft',
      basis: 'published',
      source: 'kGraft patch series, linux-kernel 2014-04-30, and the notes of SLE 12',
    },
    says: 'A thread goes over on entering the kernel and on leaving it by a system call or a signal; a kernel thread where it may be frozen',
  },
  {
    ...{ system: 'kgraft', basis: 'source', source: `${SOURCE}, kgr_handle_irq_cpu` },
    says: 'Interrupts go by a flag of their CPU, which a work item sets on each',
  },
  {
    ...{ system: 'kgraft', basis: 'assumed', source: 'of the order of a time slice; no measurement found' },
    says: 'Until that work item runs on an idle CPU, and on a busy one',
    value: `${KGRAFT.workOnIdleCpuUs.from} to ${KGRAFT.workOnIdleCpuUs.to} µs and ${KGRAFT.workOnBusyCpuUs.from} to ${KGRAFT.workOnBusyCpuUs.to} µs`,
  },
  {
    ...{ system: 'kgraft', basis: 'inferred', source: `${SOURCE}: the mark is in thread_info, which a fork copies` },
    says: 'A child has its parent’s mark',
  },
  {
    ...{ system: 'kgraft', basis: 'source', source: `${SOURCE}, kgr_modify_kernel and kgr_still_patching` },
    says: 'No change is given up or turned round midway; only a write to in_progress ends it by force',
  },
]
