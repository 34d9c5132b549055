import type { Span } from '../../core/random.ts'
import type { Assumption } from '../model.ts'

/** Registering one function with ftrace, microseconds: it waits for all CPUs. */
export const REGISTER_US = { from: 300, to: 3_000 } satisfies Span

const CORE = 'Linux 4.5, kernel/livepatch/core.c'

export const LIVEPATCH_IMMEDIATE_ASSUMPTIONS: readonly Assumption[] = [
  {
    ...{ system: 'livepatch_immediate', basis: 'source', source: `${CORE}, klp_patch_func and klp_ftrace_handler` },
    says: 'Each function is replaced by itself; from then on every call of every task reaches the newest version',
  },
  {
    ...{
      system: 'livepatch_immediate',
      basis: 'published',
      source: 'commit b700e7f0, merge of the kernel 4.0 livepatch core',
    },
    says: 'No consistency between functions; held to be enough for most security fixes',
    value: 'about 90 %',
  },
  {
    ...{
      system: 'livepatch_immediate',
      basis: 'source',
      source: `${CORE}, __klp_enable_patch and __klp_disable_patch`,
    },
    says: 'Only the newest patch may be disabled',
  },
  {
    ...{ system: 'livepatch_immediate', basis: 'source', source: `${CORE}, klp_register_patch` },
    says: 'A patch’s module can never be removed, since nobody knows who still runs it',
  },
  {
    ...{
      system: 'livepatch_immediate',
      basis: 'assumed',
      source: 'of the order that a server shows; no measurement found',
    },
    ...{
      says: 'Between one function and the next',
      value: `${REGISTER_US.from / 1_000} to ${REGISTER_US.to / 1_000} ms`,
    },
  },
]
