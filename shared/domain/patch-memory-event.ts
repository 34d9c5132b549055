import type { KernelEvent, PatchMemory } from '../contract/patch-memory.ts'
import { isRunning, newMemory } from './patch-memory-entry.ts'

const PATCHES_REMEMBERED_MAX = 512

/**
 * One record of the kernel's log. "signaling" and "forcing" name no patch: they mean the one whose transition runs.
 *
 * @param transitioning the patch that sysfs shows in transition, for when the log's beginning is lost
 */
export const rememberEvent = (
  entries: readonly PatchMemory[],
  event: KernelEvent,
  transitioning: string | null,
): PatchMemory[] => {
  const name = event.patch ?? entries.find(isRunning)?.name ?? transitioning
  if (name === null || event.kind === 'object_applied' || event.kind === 'object_reverted') return [...entries]
  const highest = entries.reduce((most, entry) => Math.max(most, entry.enabledOrder), 0)
  const known = entries.find((entry) => entry.name === name)
  const others = entries.filter((entry) => entry.name !== name).slice(-(PATCHES_REMEMBERED_MAX - 1))
  return [...others, applied(known ?? newMemory(name, highest + 1), event, highest, known !== undefined)]
}

const applied = (entry: PatchMemory, event: KernelEvent, highest: number, known: boolean): PatchMemory => {
  switch (event.kind) {
    case 'enabling': {
      const order = known ? highest + 1 : entry.enabledOrder
      return { ...newMemory(entry.name, order), enabledAt: event.at, forcedAt: entry.forcedAt }
    }
    case 'transition_started':
      return {
        ...entry,
        transitionStartedAt: event.at,
        direction: event.direction,
        // A look at sysfs may have met the start before the log told of it: only another direction is a turn.
        reversed:
          entry.reversed || (isRunning(entry) && entry.direction !== null && entry.direction !== event.direction),
        signalledAt: null,
        disabledAt: null,
        supersededBy: null,
      }
    case 'transition_completed':
    case 'enable_failed': {
      const over = { ...entry, transitionStartedAt: null, direction: null, reversed: false, signalledAt: null }
      const isIn = event.kind === 'transition_completed' && event.direction === 'patching'
      return isIn ? { ...over, completedAt: event.at } : { ...over, disabledAt: event.at }
    }
    case 'signalled':
      return { ...entry, signalledAt: entry.signalledAt ?? event.at }
    case 'forced':
      return { ...entry, forcedAt: event.at }
    default:
      return entry
  }
}
