import type { PatchStatus } from '../contract/host.ts'
import type { Livepatch, LivepatchModule } from '../contract/kernel.ts'
import type { PatchMemory } from '../contract/patch-memory.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import type { TransitionSample } from '../contract/transition.ts'
import type { PatchLifeState } from './words.ts'

/** What patch states are derived from: a snapshot, or as much of one. */
export type PatchFacts = Pick<Snapshot, 'livepatches' | 'livepatchModules' | 'memory' | 'takenAt'>

/** A module's reference is dropped a moment after its directory: so long, refcnt 1 is no pin (klp_free_patch_finish). */
const RELEASE_LAG_MS = 2_000

/**
 * Each patch that is in, newest first, then those whose module stays although the patch is gone.
 *
 * @param transition the newest sample, when it is newer than the snapshot
 */
export const patchStatuses = (
  snapshot: PatchFacts & { transition: TransitionSample | null },
  transition: TransitionSample | null = snapshot.transition,
): PatchStatus[] => {
  const livepatches = inOrder(snapshot)
  const present = new Set(livepatches.map(({ name }) => name))
  const outside = (snapshot.livepatchModules ?? []).filter(({ name }) => !present.has(name))
  const inside = livepatches.map((patch, index) => presentStatus(patch, index + 1, snapshot, transition))
  return [...inside.reverse(), ...outside.map((module) => absentStatus(module, snapshot))]
}

/**
 * Oldest first: by `stack_order` where the kernel has it, else as remembered. While a patch leaves, two may show the
 * same position.
 */
export const inOrder = ({ livepatches, memory }: Pick<Snapshot, 'livepatches' | 'memory'>): Livepatch[] => {
  const remembered = new Map(memory.map(({ name, enabledOrder }) => [name, enabledOrder]))
  const all = livepatches ?? []
  const byKernel = all.every(({ stackOrder }) => stackOrder !== null)
  const shown = (patch: Livepatch) => (byKernel ? (patch.stackOrder ?? 0) : 0)
  const kept = (patch: Livepatch) => remembered.get(patch.name) ?? Number.POSITIVE_INFINITY
  return [...all].sort(
    (left, right) =>
      compare(shown(left), shown(right)) || compare(kept(left), kept(right)) || (left.name < right.name ? -1 : 1),
  )
}

const compare = (left: number, right: number) => (left === right ? 0 : left < right ? -1 : 1)

const presentStatus = (
  patch: Livepatch,
  order: number,
  snapshot: PatchFacts,
  transition: TransitionSample | null,
): PatchStatus => {
  const memory = snapshot.memory.find(({ name }) => name === patch.name) ?? null
  const sample = transition?.patch === patch.name ? transition : null
  const state = presentState(patch, memory, sample, snapshot)
  const changing = state === 'patching' || state === 'unpatching'
  return {
    ...common(patch.name, state, memory, snapshot),
    forced: memory?.forcedAt != null || sample?.forcedAt != null,
    stalled: changing && (sample?.blockingTotal ?? 0) > 0,
    order,
    replace: patch.replace,
    objects: patch.objects,
    moduleLoaded: true, // its directory lives in the module's memory
    pinned: false,
  }
}

const presentState = (
  patch: Livepatch,
  memory: PatchMemory | null,
  sample: TransitionSample | null,
  snapshot: PatchFacts,
): PatchLifeState => {
  if (patch.transition === true) {
    const told = memory?.direction ?? sample?.target
    if (told) return told
    // `enabled` is the target but for a moment at either end (klp_start_transition).
    return patch.enabled === false ? 'unpatching' : 'patching'
  }
  if (patch.enabled === true) return 'applied'
  if (patch.enabled === null) return 'unknown'
  if (memory?.completedAt == null) return 'patching' // the directory comes before the transition does
  return memory.disabledAt === null && beingReplaced(patch, snapshot) ? 'superseded' : 'disabled'
}

/** Replaced patches lose `enabled` a moment before their directories go. */
const beingReplaced = (patch: Livepatch, snapshot: PatchFacts): boolean =>
  inOrder(snapshot)
    .slice(inOrder(snapshot).findIndex(({ name }) => name === patch.name) + 1)
    .some((above) => above.replace !== false && above.enabled === true)

const absentStatus = (module: LivepatchModule, snapshot: PatchFacts): PatchStatus => {
  const memory = snapshot.memory.find(({ name }) => name === module.name) ?? null
  const replacer = snapshot.memory.find(({ name }) => name === memory?.supersededBy)
  const onItsWay = memory !== null && memory.enabledAt !== null && memory.completedAt === null
  const ended = memory !== null && (memory.disabledAt !== null || memory.supersededBy !== null)
  const state = memory?.supersededBy ? 'superseded' : onItsWay && !ended ? 'patching' : 'disabled'
  return {
    ...common(module.name, state, memory, snapshot),
    forced: memory?.forcedAt != null,
    stalled: false,
    order: null,
    replace: null,
    objects: [],
    moduleLoaded: true,
    pinned: state !== 'patching' && isPinned(module, memory, replacer ?? null, snapshot.takenAt),
  }
}

const isPinned = (
  module: LivepatchModule,
  memory: PatchMemory | null,
  replacer: PatchMemory | null,
  takenAt: string,
): boolean => {
  if (module.refcnt === null || module.refcnt < 1) return false
  if (memory?.forcedAt != null || replacer?.forcedAt != null) return true
  const goneAt = memory?.disabledAt ?? replacer?.completedAt ?? null
  return goneAt === null || Date.parse(takenAt) - Date.parse(goneAt) > RELEASE_LAG_MS
}

const moduleOf = (name: string, snapshot: PatchFacts): LivepatchModule | undefined =>
  snapshot.livepatchModules?.find((module) => module.name === name)

const common = (name: string, state: PatchLifeState, memory: PatchMemory | null, snapshot: PatchFacts) => {
  const module = moduleOf(name, snapshot)
  return {
    name,
    state,
    moduleVersion: module?.version ?? null,
    srcversion: module?.srcversion ?? null,
    refcnt: module?.refcnt ?? null,
    enabledAt: memory?.enabledAt ?? null,
    completedAt: memory?.completedAt ?? null,
    forcedAt: memory?.forcedAt ?? null,
    disabledAt: memory?.disabledAt ?? null,
    supersededBy: memory?.supersededBy ?? null,
    providers: [],
    cves: [],
  }
}
