import type { KernelState } from '../kernel/kernel-state.ts'
import type { PatchSystem } from '../kernel/patch-system.ts'
import type { ModelPatch } from '../models/model.ts'
import {
  directoryEntry,
  directoryOf,
  failed,
  fileEntry,
  ok,
  type SurfaceDirectory,
  type SurfaceFile,
  textFile,
} from './file.ts'

type Found = SurfaceFile | SurfaceDirectory | null

/** What is in, and what is coming or going. */
const known = ({ applied, changing }: PatchSystem): readonly ModelPatch[] =>
  changing?.direction === 'patching' ? [...applied, changing.patch] : applied

/** One that comes is on top of what is there, and takes the place of those before. */
const isNewest = (system: PatchSystem, patch: ModelPatch): boolean => known(system).at(-1) === patch

const writeOnly: SurfaceFile = { kind: 'file', mode: 0o200, uid: 0, read: () => failed('EACCES') }

/** /sys/kernel/kgraft: kernel/kgraft_files.c of SUSE's kernel 4.4. */
export const findKgraftFile = (system: PatchSystem, [name, attribute, ...rest]: readonly string[]): Found => {
  if (name === undefined)
    return directoryOf(() => [
      ...['in_progress', 'force_load_module'].map(fileEntry),
      ...known(system).map((patch) => directoryEntry(patch.name)),
    ])
  if (attribute === undefined && name === 'in_progress')
    return textFile(() => `${system.changing === null ? 0 : 1}\n`, 0o644)
  if (attribute === undefined && name === 'force_load_module') return textFile(() => '0\n', 0o644)
  const patch = known(system).find((one) => one.name === name)
  if (patch === undefined || rest.length > 0) return null
  if (attribute === undefined) return directoryOf(() => ['state', 'refs', 'replace_all', 'revert'].map(fileEntry))
  if (attribute === 'state') return textFile(() => kgraftStateText(system, patch))
  if (attribute === 'refs') return textFile(() => `${isNewest(system, patch) ? 0 : 1}\n`)
  if (attribute === 'replace_all') return textFile(() => '1\n')
  return attribute === 'revert' ? writeOnly : null
}

/** include/linux/kgraft.h, enum kgr_patch_state. */
const KGRAFT_STATES = { slow: 1, applied: 2, revertSlow: 3, reverted: 4 } as const

const kgraftStateText = (system: PatchSystem, patch: ModelPatch): string => {
  const { changing } = system
  const state =
    changing?.patch === patch
      ? KGRAFT_STATES[changing.direction === 'patching' ? 'slow' : 'revertSlow']
      : // Replaced ones are reverted when the change is over.
        KGRAFT_STATES[isNewest(system, patch) || changing !== null ? 'applied' : 'reverted']
  const rows = patch.functions.map(({ function: { name } }) => row(name, 0, state))
  return `${'Function'.padEnd(20)}   Weak  State\n${rows.join('')}`
}

const row = (name: string, weak: number, state: number): string =>
  `${name.padEnd(20)}  ${String(weak).padStart(5)}  ${String(state).padStart(5)}\n`

/**
 * /sys/kernel/kpatch: dynup/kpatch, kmod/core/core.c and kmod/patch/kpatch-patch-hook.c of version 0.4 and later. A patch that is
 * being tried is there for the milliseconds of each try, which is to say for nobody who looks.
 */
export const findKpatchFile = ({ applied }: PatchSystem, [name, second, third, fourth]: readonly string[]): Found => {
  if (name === undefined) return directoryOf(() => applied.map((patch) => directoryEntry(patch.name)))
  const patch = applied.find((one) => one.name === name)
  if (patch === undefined) return null
  const objects = [...new Set(patch.functions.map((one) => one.function.object))]
  if (second === undefined)
    return directoryOf(() => [...['enabled', 'checksum'].map(fileEntry), ...objects.map(directoryEntry)])
  if (third === undefined && second === 'enabled') return textFile(() => `${applied.at(-1) === patch ? 1 : 0}\n`, 0o644)
  if (third === undefined && second === 'checksum') return textFile(() => `${checksumOf(patch.name)}\n`)
  const functions = patch.functions
    .map((one) => one.function)
    .filter(({ object }) => object === second)
    .map((one) => `${one.name},${one.sympos}`)
  if (functions.length === 0) return null
  if (third === undefined) return directoryOf(() => functions.map(directoryEntry))
  if (!functions.includes(third)) return null
  const addresses = ['old_addr', 'new_addr']
  if (fourth === undefined) return directoryOf(() => addresses.map(fileEntry))
  const at = addresses.indexOf(fourth)
  return at === -1 ? null : { ...textFile(() => addressOf(`${at}${second}${third}`), 0o400) }
}

/** An MD5 in shape; of the name alone. */
const checksumOf = (name: string): string => [0, 1, 2, 3].map((part) => hash(`${part}${name}`)).join('')
const addressOf = (text: string): string => `0xffffffffa0${hash(text).slice(2)}\n`

/** FNV-1a. */
const hash = (text: string): string => {
  let bits = 0x81_1c_9d_c5
  for (const character of text) bits = Math.imul(bits ^ (character.codePointAt(0) ?? 0), 0x01_00_01_93)
  return (bits >>> 0).toString(16).padStart(8, '0')
}

/** /sys/module/ksplice_ID/ksplice: ksplice 0.9.9, kmodsrc/ksplice.c, ksplice_attrs. */
export const findKspliceFile = (
  system: PatchSystem,
  module: string,
  [attribute, ...rest]: readonly string[],
): Found => {
  if (!known(system).some(({ name }) => name === module) || rest.length > 0) return null
  if (attribute === undefined) return directoryOf(() => Object.keys(KSPLICE_FILES).map(fileEntry))
  const text = Object.hasOwn(KSPLICE_FILES, attribute) ? KSPLICE_FILES[attribute] : undefined
  return text === undefined ? null : { kind: 'file', mode: 0o644, uid: 0, read: () => ok(text(system, module)) }
}

const KSPLICE_FILES: Readonly<Record<string, (system: PatchSystem, module: string) => string>> = {
  stage: ({ applied }, module) => `${applied.some(({ name }) => name === module) ? 'applied' : 'preparing'}\n`,
  abort_cause: ({ changing, blocked }, module) =>
    `${changing?.patch.name === module && blocked.length > 0 ? 'code_busy' : 'ok'}\n`,
  /** `COMM PID FUNCTION`, a task a line. */
  conflicts: ({ changing, blocked }, module) =>
    changing?.patch.name === module
      ? blocked.map(({ comm, tid, function: held }) => `${comm} ${tid} ${held ?? ''}\n`).join('')
      : '',
}

/** The kernel's own files of the system that it has in livepatch's place; null: none of that path. */
export const findOtherSystemFile = ({ system }: KernelState, name: string, parts: readonly string[]): Found => {
  if (system?.system === 'kgraft' && name === 'kgraft') return findKgraftFile(system, parts)
  if (system?.system === 'kpatch' && name === 'kpatch') return findKpatchFile(system, parts)
  return null
}
