import type { HostActions } from '@rebootless/shared/contract/commands-api.ts'
import type { TransitionView } from '@rebootless/shared/contract/host-transition.ts'
import { providerTitle } from '@rebootless/shared/domain/provider-facts.ts'

export type PossibleAction = HostActions['actions'][number]

export interface ActAbout {
  /** What it does on this kernel. */
  readonly what: string
  /** What it costs, and for how long. */
  readonly costs: string
}

/**
 * An act in plain words, as kernel/livepatch/core.c and transition.c do it; the way of enabling by
 * Documentation/livepatch/livepatch.rst, §5, and the danger of force by §3.
 */
export const aboutAct = (
  { action, provider }: Pick<PossibleAction, 'action' | 'provider'>,
  transition: Pick<TransitionView, 'target' | 'tasksRemaining'> | null,
): ActAbout => {
  switch (action) {
    case 'load':
      return {
        what: 'The module is inserted (insmod) and its transition begins: each task goes over to the new functions once no old one is on its stack.',
        costs:
          'It can be disabled again. The kernel is marked as patched (taint K) until it restarts. A task asleep in an old function can hold the transition up.',
      }
    case 'enable':
      return {
        what: 'The kernel cannot enable a disabled livepatch as it lies there: its module is removed and inserted anew (rmmod, insmod), and a transition begins.',
        costs: 'It can be disabled again. A task asleep in an old function can hold the transition up.',
      }
    case 'disable':
      return {
        what: 'Writes 0 to enabled: task by task goes back to the functions from before. The module stays loaded and does nothing.',
        costs: 'What it fixed is open again. Patches that a cumulative one replaced do not come back.',
      }
    case 'reverse':
      return transition?.target === 'unpatching'
        ? {
            what: 'The livepatch is on its way out: it turns round and stays in. Tasks that have left it go back to it.',
            costs: 'It ends within seconds, unless a task sleeps in an old function.',
          }
        : {
            what: 'The livepatch is on its way in: it turns round and goes out. Tasks that have gone over go back.',
            costs: 'The fix is not in effect then. It ends within seconds, unless a task sleeps in a new function.',
          }
    case 'retry':
      return {
        what: 'The stalled transition goes back the way it came, for which it has a minute, and begins anew.',
        costs: 'It stalls again if the same tasks still sleep in the same functions.',
      }
    case 'signal':
      return {
        what: 'Each blocking task is stopped for a tenth of a second and goes on (SIGSTOP, SIGCONT), which takes it out of an interruptible sleep.',
        costs:
          'A system call begins anew, or ends early with EINTR. Kernel threads, and sleeps that no signal ends, stay as they are.',
      }
    case 'force':
      return {
        what: 'Writes 1 to force: every remaining task counts as switched, although the other version of a function is still on its stack.',
        costs:
          'For ever, until the host restarts: old and new code may corrupt each other’s data, modules that go out stay in memory, and nothing more can be loaded, enabled or disabled. Whoever made the patch must have cleared it for force.',
      }
    case 'update':
      return {
        what: `The vendor's own tool${provider === null ? '' : ` of ${providerTitle(provider)}`} fetches what it has published for this kernel, and applies it.`,
        costs: 'What comes is the vendor’s choice. The host needs the network for it.',
      }
    case 'refresh':
      return { what: 'The agent reads the host anew and sends what it finds.', costs: 'Nothing is changed.' }
  }
}
