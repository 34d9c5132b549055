import type { Exposure, VerdictStatus } from '@rebootless/shared/domain/exposure/exposure-words.ts'

/** Exceptions bear on these alone. */
export const ACCEPTABLE = ['exposed', 'fixed_on_disk'] as const satisfies readonly VerdictStatus[]
export const MAY_BE_ACCEPTED: ReadonlySet<Exposure> = new Set(ACCEPTABLE)
