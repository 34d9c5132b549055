import type { CommandAction, HostClass } from './words.ts'

/** Acts that leave a kernel without a fix, or on its own for good: one person is not enough (threat-model T25). */
const OF_TWO: readonly CommandAction[] = ['force', 'reverse', 'disable']

/** How many of a host's approvers must sign before it acts; 0: the server's signature is enough. */
export const approvalsNeeded = (
  host: { readonly hostClass: HostClass; readonly threshold: number },
  act: { readonly action: CommandAction; readonly downgrade: boolean },
): number => {
  if (host.hostClass !== 'production') return 0
  return OF_TWO.includes(act.action) || act.downgrade ? Math.max(2, host.threshold) : host.threshold
}
