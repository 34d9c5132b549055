import type { Livepatch, LivepatchModule } from '../contract/kernel.ts'
import type { KernelEvent, PatchMemory } from '../contract/patch-memory.ts'
import { isRunning, listedFunctions, newMemory } from './patch-memory-entry.ts'
import { rememberEvent } from './patch-memory-event.ts'

/** What one look at sysfs and /proc/modules showed. */
export interface PatchReading {
  /** null: /sys/kernel/livepatch could not be read; then a reading teaches nothing. */
  livepatches: readonly Livepatch[] | null
  /** The look before this one in the same boot; null at the first. */
  previous: readonly Livepatch[] | null
  /** Livepatch modules as /proc/modules lists them: newest first. */
  modules: readonly LivepatchModule[] | null
  /** With the kernel's log readable, starts and directions are taken from it, and sysfs only fills what it missed. */
  kernelLogReadable: boolean
}

/**
 * For so long after a record of the log, sysfs may still show what was before: the kernel logs "complete" before it
 * clears `transition` (klp_complete_transition), and a reader is not atomic.
 */
const SYSFS_LAG_MS = 2_000
/** `enabled` takes the target's value only some time after the start: up to 3 s seen on a slow machine. */
const ENABLED_LAG_MS = 4_000

/**
 * Carries on what sysfs forgets: order, starts, reversals, signals, force, completion, and who replaced whom.
 *
 * @param events records of the kernel log that came since the last call, oldest first
 * @param now milliseconds since 1970: dates whatever only a reading shows
 */
export const rememberPatches = (
  memory: readonly PatchMemory[],
  reading: PatchReading,
  events: readonly KernelEvent[],
  now: number,
): PatchMemory[] => {
  const transitioning = reading.livepatches?.find((patch) => patch.transition)?.name ?? null
  let entries = [...memory]
  for (const event of events) entries = rememberEvent(entries, event, transitioning)
  if (reading.livepatches === null) return entries
  entries = addUnknown(entries, reading)
  entries = entries.map((entry) => rememberReading(entry, reading, now))
  entries = entries.map((entry) => rememberAbsence(entry, entries, reading, now))
  return dropUnloaded(entries, memory, reading).sort((left, right) => left.enabledOrder - right.enabledOrder)
}

/** Patches that were in before anything could tell: by `stack_order`, or by the order in which their modules came. */
const addUnknown = (entries: readonly PatchMemory[], reading: PatchReading): PatchMemory[] => {
  const known = new Set(entries.map((entry) => entry.name))
  const age = (name: string) => reading.modules?.findIndex((module) => module.name === name) ?? -1
  const unknown = (reading.livepatches ?? [])
    .filter((patch) => !known.has(patch.name))
    .sort((left, right) => (left.stackOrder ?? 0) - (right.stackOrder ?? 0) || age(right.name) - age(left.name))
  const highest = entries.reduce((most, entry) => Math.max(most, entry.enabledOrder), 0)
  return [...entries, ...unknown.map((patch, index) => newMemory(patch.name, highest + 1 + index))]
}

const rememberReading = (entry: PatchMemory, reading: PatchReading, now: number): PatchMemory => {
  const patch = reading.livepatches?.find(({ name }) => name === entry.name)
  if (patch === undefined) return entry
  const before = reading.previous?.find(({ name }) => name === entry.name) ?? null
  if (patch.transition === true) return rememberTransition(entry, patch, before, reading, now)
  if (patch.transition !== false) return entry
  const at = new Date(now).toISOString()
  const lost = before?.transition === true && patch.replace !== false ? noopsOf(before, patch) : []
  const known = lost.length === 0 ? entry : { ...entry, noops: lost, replacements: [] }
  if (reading.kernelLogReadable && startedWithin(entry, SYSFS_LAG_MS, now)) return known
  const out = known.direction === 'unpatching' && patch.enabled === false ? { disabledAt: at } : {}
  const over = isRunning(known) ? { ...known, ...transitionOver, ...out } : known
  if (patch.enabled !== true) return over
  return { ...over, completedAt: over.completedAt ?? at, disabledAt: null, supersededBy: null }
}

const transitionOver = { transitionStartedAt: null, direction: null, reversed: false, signalledAt: null } as const

/** A transition that the log did not announce: no permission to read it, or its records were overwritten. */
const rememberTransition = (
  entry: PatchMemory,
  patch: Livepatch,
  before: Livepatch | null,
  reading: PatchReading,
  now: number,
): PatchMemory => {
  const at = new Date(now).toISOString()
  if (!isRunning(entry)) {
    if (reading.kernelLogReadable && changedWithin(entry, SYSFS_LAG_MS, now)) return entry
    const direction =
      before?.enabled === true && before.transition === false
        ? 'unpatching'
        : before === null && reading.previous !== null
          ? 'patching'
          : entry.completedAt !== null && entry.disabledAt === null
            ? 'unpatching'
            : null
    return { ...entry, ...transitionOver, transitionStartedAt: at, direction }
  }
  if (reading.kernelLogReadable && entry.direction !== null) return entry
  const enabledSays = patch.enabled === null ? null : patch.enabled ? ('patching' as const) : ('unpatching' as const)
  if (enabledSays === null || enabledSays === entry.direction) return entry
  const turned = before?.transition === true && before.enabled !== patch.enabled
  const towards = before?.enabled ? 'patching' : 'unpatching'
  if (turned && entry.direction === towards) {
    return { ...entry, direction: enabledSays, reversed: true, transitionStartedAt: at, signalledAt: null }
  }
  const steady = now - Date.parse(entry.transitionStartedAt ?? at) >= ENABLED_LAG_MS
  return steady ? { ...entry, direction: enabledSays } : entry
}

const startedWithin = ({ transitionStartedAt }: PatchMemory, milliseconds: number, now: number): boolean =>
  transitionStartedAt !== null && Math.abs(now - Date.parse(transitionStartedAt)) < milliseconds

const changedWithin = (entry: PatchMemory, milliseconds: number, now: number): boolean =>
  [entry.enabledAt, entry.completedAt, entry.disabledAt].some(
    (at) => at !== null && Math.abs(now - Date.parse(at)) < milliseconds,
  )

/** A cumulative patch drops its no-ops when it completes (klp_discard_nops): what it listed and no longer lists. */
const noopsOf = (before: Livepatch, after: Livepatch): string[] => {
  const kept = new Set(listedFunctions(after))
  return listedFunctions(before).filter((key) => !kept.has(key))
}

/** Its directory is gone: taken out, never got in, or replaced. */
const rememberAbsence = (
  entry: PatchMemory,
  entries: readonly PatchMemory[],
  reading: PatchReading,
  now: number,
): PatchMemory => {
  const present = reading.livepatches?.some(({ name }) => name === entry.name) === true
  if (present || entry.disabledAt !== null || entry.supersededBy !== null) return entry
  const seenBefore = reading.previous?.some(({ name }) => name === entry.name) === true
  // "enabling" is logged before the directory is there.
  if (!seenBefore && reading.kernelLogReadable && changedWithin(entry, SYSFS_LAG_MS, now)) return entry
  const at = new Date(now).toISOString()
  const gone = { ...entry, ...transitionOver }
  if (isRunning(entry)) return { ...gone, disabledAt: at }
  const replacers = possibleReplacers(entry, entries, reading)
  // A look is not atomic: it can meet the replacing patch before its end, and the replaced one after it.
  if (replacers.some(({ patch, memory }) => memory.completedAt === null || patch.transition === true)) return entry
  const replacer = replacers.findLast(({ patch, memory }) => hasReplaced(entry, patch, memory, reading, now))
  return replacer === undefined ? { ...gone, disabledAt: at } : { ...gone, supersededBy: replacer.patch.name }
}

interface PossibleReplacer {
  patch: Livepatch
  memory: PatchMemory
}

const possibleReplacers = (
  entry: PatchMemory,
  entries: readonly PatchMemory[],
  { livepatches }: PatchReading,
): PossibleReplacer[] =>
  (livepatches ?? []).flatMap((patch) => {
    const memory = entries.find(({ name }) => name === patch.name)
    return memory && patch.replace !== false && memory.enabledOrder > entry.enabledOrder ? [{ patch, memory }] : []
  })

/**
 * Nothing is logged of a replaced patch. Below a completed cumulative one nothing stays; where `replace` is not to be
 * read (before 6.11) that may be one of a stack, and the lower one taken out for itself: but neither in the moment of
 * its completion nor without a transition.
 */
const hasReplaced = (
  entry: PatchMemory,
  patch: Livepatch,
  memory: PatchMemory,
  { previous }: PatchReading,
  now: number,
): boolean => {
  const was = (name: string) => previous?.find((other) => other.name === name)
  const replacer = was(patch.name)
  const wasNotIn = replacer === undefined || replacer.transition !== false || replacer.enabled !== true
  const completedJustNow = memory.completedAt !== null && now - Date.parse(memory.completedAt) < SYSFS_LAG_MS
  const endedWithoutTransition = was(entry.name)?.enabled === false
  return patch.replace === true || wasNotIn || completedJustNow || endedWithoutTransition
}

/** An entry ends with its module, unless it was forced: that stays true until the next boot. */
const dropUnloaded = (
  entries: readonly PatchMemory[],
  memory: readonly PatchMemory[],
  { modules, livepatches }: PatchReading,
): PatchMemory[] => {
  if (modules === null) return [...entries]
  const there = new Set([...modules, ...(livepatches ?? [])].map(({ name }) => name))
  return entries.filter((entry) => {
    const ended = entry.disabledAt !== null || entry.supersededBy !== null
    const wasKnown = memory.some(({ name }) => name === entry.name)
    return there.has(entry.name) || entry.forcedAt !== null || !ended || !wasKnown
  })
}
