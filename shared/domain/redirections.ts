import type {
  RedirectedFunction,
  RedirectedObject,
  RedirectionEntry,
  RedirectionMap,
} from '../contract/host-redirections.ts'
import type { Livepatch } from '../contract/kernel.ts'
import type { PatchMemory } from '../contract/patch-memory.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import type { TransitionSample } from '../contract/transition.ts'
import { confirmation, ftraceLines, positionsPatched } from './ftrace-confirmation.ts'
import { functionKey } from './patch-memory-entry.ts'
import { inOrder, patchStatuses } from './patch-status.ts'

type Facts = Pick<
  Snapshot,
  'livepatches' | 'livepatchModules' | 'memory' | 'takenAt' | 'enabledFunctions' | 'unreadable'
>

/** The transition that runs, as far as it decides where a call leads. */
interface Running {
  patch: string
  /** Share of tasks that are on the new side (patch_state 1), 0 to 1; null: not every task could be read. */
  onNew: number | null
  direction: 'patching' | 'unpatching'
}

/**
 * Where a call of each redirected function leads. ftrace's handler takes the newest patch on the function's stack;
 * only while that one is in transition, a task on the old side gets the next below (klp_ftrace_handler).
 */
export const redirectionMap = (
  snapshot: Facts & { transition: TransitionSample | null },
  transition: TransitionSample | null = snapshot.transition,
): RedirectionMap => {
  const patches = inOrder(snapshot)
  const statuses = patchStatuses(snapshot, transition)
  const inside = statuses.filter(({ order }) => order !== null)
  const changing = inside.find(({ state, name }) => isInTransition(patches, name) && state !== 'applied')
  const sample = transition !== null && transition.patch === changing?.name ? transition : null
  const direction = changing?.state === 'unpatching' ? 'unpatching' : 'patching'
  const running: Running | null = changing
    ? { patch: changing.name, onNew: shareOnNew(sample, direction), direction }
    : null
  const names = [...new Set(patches.flatMap((patch) => patch.objects.map(({ name }) => name)))]
  const objects = names.sort(vmlinuxFirst).map((name) => redirectedObject(name, patches, running, snapshot))
  return {
    patches: inside.map(({ name, order, state, stalled, forced, replace }) => ({
      ...{ name, order: order ?? 0, state, stalled, forced, replace },
    })),
    objects,
    tasks: sample && { total: sample.tasksTotal, switched: sample.tasksTotal - sample.tasksRemaining },
    functionCount: objects.reduce((count, object) => count + object.functions.length, 0),
  }
}

const isInTransition = (patches: readonly Livepatch[], name: string) =>
  patches.some((patch) => patch.name === name && patch.transition === true)

const vmlinuxFirst = (left: string, right: string) =>
  left === right ? 0 : left === 'vmlinux' ? -1 : right === 'vmlinux' ? 1 : left < right ? -1 : 1

const shareOnNew = (sample: TransitionSample | null, direction: Running['direction']): number | null => {
  if (sample === null || sample.tasksTotal === 0 || sample.tasksUnreadable > 0) return null
  const remaining = sample.tasksRemaining / sample.tasksTotal
  return direction === 'patching' ? 1 - remaining : remaining
}

const redirectedObject = (
  name: string,
  patches: readonly Livepatch[],
  running: Running | null,
  facts: Facts,
): RedirectedObject => {
  const loaded = isLoaded(name, patches)
  const keys = new Map<string, { name: string; sympos: number }>()
  for (const patch of patches)
    for (const object of patch.objects)
      if (object.name === name)
        for (const listed of object.functions) keys.set(functionKey(name, listed.name, listed.sympos), listed)
  const functions = [...keys].map(([key, listed]) =>
    redirectedFunction(key, listed, name, loaded, patches, running, facts),
  )
  return { name, loaded, functions: functions.sort((left, right) => (left.name < right.name ? -1 : 1)) }
}

/** `patched` is 1 as soon as the object's functions are redirected; outside a transition, 0 means "module not there". */
const isLoaded = (name: string, patches: readonly Livepatch[]): boolean | null => {
  if (name === 'vmlinux') return true
  const seen = patches.flatMap((patch) =>
    patch.objects.filter((object) => object.name === name).map(({ patched }) => ({ patched, patch })),
  )
  if (seen.some(({ patched }) => patched === true)) return true
  const steady = seen.some(({ patched, patch }) => patched === false && patch.enabled && patch.transition === false)
  return steady ? false : null
}

const redirectedFunction = (
  key: string,
  { name, sympos }: { name: string; sympos: number },
  object: string,
  loaded: boolean | null,
  patches: readonly Livepatch[],
  running: Running | null,
  facts: Facts,
): RedirectedFunction => {
  const holders = patches.filter((patch) => mayBeOnStack(patch) && lists(patch, object, name, sympos)).reverse()
  const kinds = holders.map((patch, index) =>
    kindOf(patch, key, index < holders.length - 1, facts.memory, running?.patch === patch.name),
  )
  const shares = sharesOf(holders, running)
  const entries = holders.map((patch, index): RedirectionEntry => {
    const order = patches.indexOf(patch) + 1
    return { patch: patch.name, order, kind: kinds[index] ?? 'unknown', share: shares.entries[index] ?? null }
  })
  const lines = loaded === false ? [] : ftraceLines(facts.enabledFunctions, object, name)
  return {
    name,
    sympos,
    entries,
    originalShare: originalShare(entries, shares.below),
    reached: reachedOnTarget(entries, running),
    ftrace: confirmation(facts, {
      ...{ loaded, holders, changing: running !== null, linesFound: lines.length },
      positionsPatched: positionsPatched(patches.filter(mayBeOnStack), object, name),
    }),
    ftraceLine: lines[0]?.line ?? null,
  }
}

/** With both off, ftrace is not yet asked, or no more: klp_enable_patch, klp_complete_transition. */
const mayBeOnStack = ({ enabled, transition }: Livepatch): boolean => enabled !== false || transition !== false

const lists = (patch: Livepatch, object: string, name: string, sympos: number): boolean =>
  patch.objects.some(
    (candidate) =>
      candidate.name === object &&
      candidate.functions.some((listed) => listed.name === name && listed.sympos === sympos),
  )

/** Only a cumulative patch in transition lists no-ops, and only for what it replaces; older kernels hide `replace`. */
const kindOf = (
  patch: Livepatch,
  key: string,
  alsoBelow: boolean,
  memory: readonly PatchMemory[],
  inTransition: boolean,
): RedirectionEntry['kind'] => {
  const known = memory.find(({ name }) => name === patch.name)
  if (!inTransition || patch.replace === false || !alsoBelow) return 'replacement'
  if (known?.noops.includes(key)) return 'noop'
  return known?.replacements.includes(key) ? 'replacement' : 'unknown'
}

/** Share of tasks led to each patch, newest first, and past all of them. */
const sharesOf = (holders: readonly Livepatch[], running: Running | null) => {
  const newest = holders[0]
  if (newest === undefined) return { entries: [], below: 1 }
  // Unreadable, it may lead here or be past: what lies below is then not known either.
  if (newest.enabled === null && newest.transition !== true) return { entries: holders.map(() => null), below: null }
  if (running === null || newest.name !== running.patch)
    return { entries: holders.map((_, index) => (index === 0 ? 1 : 0)), below: 0 }
  const { onNew } = running
  const onOld = onNew === null ? null : 1 - onNew
  const entries = holders.map((_, index) => (index === 0 ? onNew : index === 1 ? onOld : 0))
  return { entries, below: holders.length === 1 ? onOld : 0 }
}

/** A no-op leads to the original as well. */
const originalShare = (entries: readonly RedirectionEntry[], below: number | null): number | null => {
  let share = below
  for (const entry of entries) {
    if (entry.share === 0 || entry.kind === 'replacement') continue
    share = share === null || entry.share === null || entry.kind === 'unknown' ? null : share + entry.share
  }
  return share
}

const reachedOnTarget = (entries: readonly RedirectionEntry[], running: Running | null): string | null => {
  const goesOut = running?.direction === 'unpatching' && entries[0]?.patch === running.patch
  const entry = goesOut ? entries[1] : entries[0]
  return entry === undefined || entry.kind === 'noop' ? null : entry.patch
}
