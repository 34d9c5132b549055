import type { KernelFs } from '../kernel/kernel-fs.ts'
import { LIVEPATCH_DIRECTORY } from '../kernel/livepatch-sysfs.ts'
import { isAbsent, parseBoolean, parseCount } from '../kernel/reading.ts'

/** A livepatch as sysfs has it at this moment. */
export type PatchView =
  | { readonly kind: 'absent' }
  | { readonly kind: 'there'; readonly enabled: boolean; readonly transition: boolean }
  /** Could not be read: neither there nor not. */
  | { readonly kind: 'unknown'; readonly errno: string }

export const viewPatch = async (fs: KernelFs, patch: string): Promise<PatchView> => {
  const path = `${LIVEPATCH_DIRECTORY}/${patch}`
  const enabled = await fs.read(`${path}/enabled`)
  const transition = await fs.read(`${path}/transition`)
  for (const result of [enabled, transition]) {
    if (!result.ok) return isAbsent(result) ? { kind: 'absent' } : { kind: 'unknown', errno: result.errno }
  }
  const values = [enabled, transition].map((result) => parseBoolean(result.ok ? result.value : null))
  const [isEnabled, isInTransition] = values
  if (isEnabled == null || isInTransition == null) return { kind: 'unknown', errno: 'EIO' }
  return { kind: 'there', enabled: isEnabled, transition: isInTransition }
}

/** The patch in transition, of which there is at most one; null: none; undefined: could not be read. */
export const patchInTransition = async (fs: KernelFs): Promise<string | null | undefined> => {
  const listing = await fs.list(LIVEPATCH_DIRECTORY)
  if (!listing.ok) return undefined
  for (const { name, directory } of listing.value) {
    if (!directory) continue
    const view = await viewPatch(fs, name)
    if (view.kind === 'unknown') return undefined
    if (view.kind === 'there' && view.transition) return name
  }
  return null
}

export interface ModuleView {
  readonly references: number | null
  readonly srcversion: string | null
}

/** A module as /sys/module has it: Documentation/ABI/testing/sysfs-module; null: it is not loaded. */
export const viewModule = async (fs: KernelFs, name: string): Promise<ModuleView | null> => {
  const references = await fs.read(`/sys/module/${name}/refcnt`)
  // Something built in has a directory there, and no reference count.
  if (!references.ok && isAbsent(references)) return null
  const srcversion = await fs.read(`/sys/module/${name}/srcversion`)
  return {
    references: parseCount(references.ok ? references.value : null),
    srcversion: srcversion.ok ? srcversion.value.trim() : null,
  }
}
