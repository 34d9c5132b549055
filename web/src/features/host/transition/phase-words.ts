import type { TransitionPhase } from '@rebootless/shared/contract/host-transition.ts'

export const PHASE_WORDS: Readonly<Record<TransitionPhase['kind'], string>> = {
  loaded: 'Loaded',
  signalled: 'Signals sent',
  reversed: 'Reversed',
  forced: 'Forced',
  completed: 'Completed',
}
