import type { KernelState } from '../kernel/kernel-state.ts'
import type { LoadedModule } from '../kernel/loaded-modules.ts'
import type { PatchSystem } from '../kernel/patch-system.ts'
import {
  atOnce,
  directoryEntry,
  directoryOf,
  fileEntry,
  type SurfaceDirectory,
  type SurfaceFile,
  textFile,
} from './file.ts'
import { findKspliceFile } from './other-system-files.ts'

/** Modules that are built in, and have parameters to show. */
const BUILT_IN = 'module'

/** /sys/module: Documentation/ABI/testing/sysfs-module. */
export const findModuleFile = (
  kernel: KernelState,
  [name, second, third, ...rest]: readonly string[],
): SurfaceFile | SurfaceDirectory | null => {
  const { modules } = kernel
  if (name === undefined)
    return directoryOf(() => [BUILT_IN, ...modules.all().map(({ image }) => image.name)].map(directoryEntry))
  if (name === BUILT_IN) return rest.length > 0 ? null : builtInFile(kernel, second, third)
  const module = modules.get(name)
  if (module === undefined) return null
  const ksplice = kspliceOf(kernel, module)
  if (second === 'ksplice')
    return ksplice === null ? null : findKspliceFile(ksplice, name, third === undefined ? [] : [third, ...rest])
  if (rest.length > 0) return null
  const names = Object.keys(module.parameters)
  if (second === undefined)
    return directoryOf(() => [
      ...Object.keys(attributesOf(module)).map(fileEntry),
      ...(names.length > 0 ? [directoryEntry('parameters')] : []),
      ...(ksplice === null ? [] : [directoryEntry('ksplice')]),
    ])
  if (second === 'parameters') {
    if (names.length === 0) return null
    if (third === undefined) return directoryOf(() => names.map(fileEntry))
    return names.includes(third) ? parameterFile(module, third) : null
  }
  const text = third === undefined ? attributesOf(module)[second] : undefined
  return text === undefined ? null : textFile(() => `${attributesOf(module)[second] ?? text}\n`)
}

const kspliceOf = ({ system }: KernelState, { image }: LoadedModule): PatchSystem | null =>
  system?.system === 'ksplice' && image.patch !== undefined ? system : null

const attributesOf = ({ image, references, taint, state }: LoadedModule): Record<string, string> => ({
  coresize: `${image.sizeBytes}`,
  initstate: state,
  refcnt: `${references}`,
  taint,
  ...(image.srcversion !== null && { srcversion: image.srcversion }),
  ...(image.version !== null && { version: image.version }),
})

const parameterFile = (module: LoadedModule, name: string): SurfaceFile => ({
  ...textFile(() => `${module.parameters[name]}\n`, 0o644),
  write: atOnce((text) => {
    module.parameters[name] = text.replace(/\n$/, '')
    return null
  }),
})

/** module.sig_enforce can be switched on, never off: kernel/module/signing.c. */
const builtInFile = (
  { switches }: KernelState,
  second: string | undefined,
  third: string | undefined,
): SurfaceFile | SurfaceDirectory | null => {
  if (second === undefined) return directoryOf(() => [directoryEntry('parameters')])
  if (second !== 'parameters') return null
  if (third === undefined) return directoryOf(() => [fileEntry('sig_enforce')])
  if (third !== 'sig_enforce') return null
  return {
    ...textFile(() => (switches.signaturesEnforced ? 'Y\n' : 'N\n'), 0o644),
    write: atOnce((text) => {
      if (!/^[1yY]/.test(text)) return switches.signaturesEnforced ? 'EROFS' : null
      switches.signaturesEnforced = true
      return null
    }),
  }
}

/** proc(5), /proc/modules: newest first; addresses are root's alone. */
export const modulesText = ({ modules }: KernelState, uid: number): string =>
  modules
    .all()
    .toReversed()
    .map(({ image, references, state, taint, address }) => {
      const shown = uid === 0 ? address : '0'.repeat(16)
      const [word, mark] = { coming: ['Loading', '+'], live: ['Live', ''], going: ['Unloading', '-'] }[state]
      const letters = taint + mark
      return `${image.name} ${image.sizeBytes} ${references} - ${word} 0x${shown}${letters === '' ? '' : ` (${letters})`}\n`
    })
    .join('')

/** proc(5), /proc/kallsyms: what can be patched, and what patches bring. */
export const kallsymsText = ({ modules, functions }: KernelState, uid: number): string => {
  const line = (address: bigint, name: string, module: string) => {
    const shown = uid === 0 ? address.toString(16).padStart(16, '0') : '0'.repeat(16)
    return `${shown} t ${name}${module === '' ? '' : `\t[${module}]`}\n`
  }
  const own = (functions ?? []).map((name, index) => line(0xff_ff_ff_ff_81_00_00_00n + BigInt(index) * 256n, name, ''))
  const theirs = modules
    .all()
    .flatMap(({ image, address }) =>
      [
        ...image.functions,
        ...(image.livepatch?.objects.flatMap((object) => object.functions.map(newNameOf)) ?? []),
      ].map((name, index) => line(BigInt(`0x${address}`) + BigInt(index) * 64n, name, image.name)),
    )
  return [...own, ...theirs].join('')
}

/** The symbol of a function's new version. */
export const newNameOf = ({ name, newName }: { name: string; newName?: string | undefined }): string =>
  newName ?? `livepatch_${name}`
