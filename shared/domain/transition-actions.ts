import type { CommandAction } from './words.ts'

const OF_TRANSITION: ReadonlySet<CommandAction> = new Set(['reverse', 'retry', 'signal', 'force'])

/** Acts on the transition that runs, of that livepatch and that way, and on no other (threat-model T26). */
export const isOfTransition = (action: CommandAction): boolean => OF_TRANSITION.has(action)
