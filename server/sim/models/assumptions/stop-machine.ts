import type { Span } from '../../core/random.ts'

/** Bringing all CPUs to a stand and letting them go again, microseconds: taken for Ksplice, kpatch and KernelCare alike. */
export const STOP_US = { from: 500, to: 1_000 } satisfies Span

/** Following one thread's stack, microseconds: 2.5 to 3.6 on average in the report cited, on a host with 12,000 threads. */
export const STACK_CHECK_US = { from: 2, to: 3.5 }

/** Where those two come from. */
export const STOP_SOURCE =
  'live-patching list, 2025-02-14 (2.5 to 3.6 µs a task on hosts with 9,100 to 12,000 threads); the base is ours'
