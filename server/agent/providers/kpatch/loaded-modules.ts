import type { Livepatch } from '@rebootless/shared/contract/kernel.ts'
import type { ProviderPatchState } from '@rebootless/shared/domain/words.ts'
import type { ProviderHost } from '../provider.ts'
import type { CorePatch } from './kpatch-core.ts'
import type { KpatchList } from './kpatch-list.ts'

export interface LoadedModule {
  readonly name: string
  readonly state: ProviderPatchState
  readonly stateText: string | null
}

/** By the tool, else by sysfs; null: neither could be read. */
export const loadedModules = (
  host: ProviderHost,
  core: readonly CorePatch[] | null,
  list: KpatchList | null,
  installed: ReadonlySet<string>,
): LoadedModule[] | null => {
  if (list !== null)
    return list.loaded.map(({ name, state, stateText }) => ({
      ...{ name, stateText },
      state: movingState(state, sysfsState(host, core, name)),
    }))
  if (host.livepatches === null && core === null) return null
  // Without the tool's word, kpatch's own are those that it installed or that bear its prefix.
  const own = (host.livepatches ?? []).filter(({ name }) => installed.has(name) || name.startsWith('kpatch_'))
  return [...(core ?? []), ...own].map(({ name }) => ({ name, state: sysfsState(host, core, name), stateText: null }))
}

/** Before 0.9.11 the tool says `enabled` and `disabled` of a patch that is still on its way; sysfs knows better. */
const movingState = (said: ProviderPatchState | null, seen: ProviderPatchState): ProviderPatchState => {
  if (said === null || (said === 'applied' && seen === 'patching')) return seen
  return said === 'disabled' && seen === 'unpatching' ? seen : said
}

const sysfsState = (host: ProviderHost, core: readonly CorePatch[] | null, name: string): ProviderPatchState => {
  const enabled = core?.find((patch) => patch.name === name)?.enabled
  if (enabled !== undefined) return enabled === null ? 'unknown' : enabled ? 'applied' : 'disabled'
  return livepatchState(host.livepatches?.find((patch) => patch.name === name))
}

/** `enabled` and `transition` together: Documentation/livepatch/livepatch.rst, §3. */
const livepatchState = (patch: Livepatch | undefined): ProviderPatchState => {
  if (patch === undefined || patch.enabled === null || patch.transition === null) return 'unknown'
  if (patch.transition) return patch.enabled ? 'patching' : 'unpatching'
  return patch.enabled ? 'applied' : 'disabled'
}

/** Tools that print no state leave it to sysfs; where that is not known either, so is this. */
export const inProgress = (loaded: readonly LoadedModule[] | null): boolean | null => {
  if (loaded === null) return null
  if (loaded.some(({ state }) => state === 'patching' || state === 'unpatching')) return true
  return loaded.some(({ state }) => state === 'unknown') ? null : false
}
