import type { Difference } from './walk.ts'

export interface AcceptedDifference {
  readonly scenario: string
  /** As the judge names it; in every kernel's recording of that scenario. */
  readonly what: string
  readonly because: string
}

/**
 * Where the simulated kernel may show something else than the recordings. Left out of every comparison, since no two
 * boots agree in it: times, process ids, addresses, offsets within functions, what the emulator's clocks made the kernel
 * log, and how far tasks have gone over while a transition runs.
 */
export const ACCEPTED_DIFFERENCES: readonly AcceptedDifference[] = [
  ...['mkdir', 'rm', 'chmod', 'ls'].map((command) => ({
    ...{ scenario: 'errors', what: `sh: ${command}` },
    because: 'A program reaches a simulated kernel through reads, lists and writes; the product needs no other verb.',
  })),
]

export const acceptedFor = (scenario: string, { what }: Difference): AcceptedDifference | undefined =>
  ACCEPTED_DIFFERENCES.find((accepted) => accepted.scenario === scenario && accepted.what === what)
