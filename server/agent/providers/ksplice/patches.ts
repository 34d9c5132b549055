import type { ProviderPatch, ProviderStep } from '@rebootless/shared/contract/provider.ts'
import type { LoadedUpdate } from './loaded-updates.ts'
import type { UptrackConfig, UptrackFiles } from './read-files.ts'
import { cvesOfTitle, isFix, type KspliceUpdate } from './update-titles.ts'

interface KnownUpdates {
  readonly titles: ReadonlyMap<string, string>
  /** null: not known. */
  readonly steps: readonly ProviderStep[] | null
}

/** An update in the kernel. */
export const toPatch = (
  { id, state, stage }: LoadedUpdate,
  { titles, steps }: KnownUpdates,
  { initPlan }: UptrackFiles,
  { installsAtBoot }: UptrackConfig,
): ProviderPatch => {
  const title = titles.get(id) ?? null
  return {
    ...{ id, name: (title ?? `Update ${id}`).slice(0, 300), version: null, target: 'kernel', livepatch: null },
    ...{ state, stateText: stage?.slice(0, 64) ?? null },
    cves: title === null ? [] : cvesOfTitle(title),
    atNextBoot: initPlan === null ? null : installsAtBoot && initPlan.steps.some((step) => step.id === id),
    protects: title === null || isFix(title),
    withdrawn: steps !== null && isWithdrawn(id, steps),
  }
}

/**
 * Removed by the plan and not put in again. One that newer ones build on is removed for a moment and installed again; one
 * that only goes has been taken back.
 */
const isWithdrawn = (id: string, steps: readonly ProviderStep[]): boolean =>
  steps.findLast((step) => step.id === id)?.action === 'remove'

/** What the last run could not put in, and nothing has put in since. */
export const failedPatches = ({ results }: UptrackFiles, loaded: readonly LoadedUpdate[] | null): ProviderPatch[] =>
  (results?.failed ?? [])
    .filter(({ command, id }) => command === 'Install' && loaded?.some((update) => update.id === id) !== true)
    .map(({ id, name, abort }) => ({
      ...{ id, name: name.slice(0, 300), version: null, target: 'kernel', state: 'failed' },
      ...{ stateText: abort?.slice(0, 64) ?? null, cves: cvesOfTitle(name), livepatch: null, atNextBoot: null },
      ...{ protects: isFix(name), withdrawn: false },
    }))

/** An update of a running program. */
export const userPatch = ({ id, name }: KspliceUpdate): ProviderPatch => ({
  ...{ id, name: name.slice(0, 300), version: null, target: 'user_space', state: 'applied', stateText: null },
  ...{ cves: cvesOfTitle(name), livepatch: null, atNextBoot: null, protects: isFix(name), withdrawn: false },
})
