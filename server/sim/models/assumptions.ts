import { KERNELCARE_ASSUMPTIONS } from './assumptions/kernelcare.ts'
import { KGRAFT_ASSUMPTIONS } from './assumptions/kgraft.ts'
import { KPATCH_ASSUMPTIONS } from './assumptions/kpatch.ts'
import { KSPLICE_ASSUMPTIONS } from './assumptions/ksplice.ts'
import { LIVEPATCH_ASSUMPTIONS } from './assumptions/livepatch.ts'
import { LIVEPATCH_IMMEDIATE_ASSUMPTIONS } from './assumptions/livepatch-immediate.ts'
import type { Assumption, System } from './model.ts'

/** What each model takes for true; docs/models tells the same, and a test compares the two. */
export const ASSUMPTIONS: Readonly<Record<System, readonly Assumption[]>> = {
  ksplice: KSPLICE_ASSUMPTIONS,
  kpatch: KPATCH_ASSUMPTIONS,
  kgraft: KGRAFT_ASSUMPTIONS,
  livepatch_immediate: LIVEPATCH_IMMEDIATE_ASSUMPTIONS,
  livepatch: LIVEPATCH_ASSUMPTIONS,
  kernelcare: KERNELCARE_ASSUMPTIONS,
}
