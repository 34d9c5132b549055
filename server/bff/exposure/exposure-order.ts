import type { Exposure } from '@rebootless/shared/domain/exposure/exposure-words.ts'

/** What is open, what may be, and then what is not. */
export const PLACES: Readonly<Record<Exposure, number>> = {
  ...{ exposed: 0, fixed_on_disk: 1, unknown: 2, accepted: 3 },
  ...{ fixed_by_livepatch: 4, fixed_by_kernel: 5, not_affected: 6 },
}
