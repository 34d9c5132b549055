import type { KernelState } from '../kernel/kernel-state.ts'
import type { Patch, PatchObject } from '../livepatch/patch.ts'
import {
  directoryEntry,
  directoryOf,
  failed,
  fileEntry,
  ok,
  parseKernelBoolean,
  type SurfaceDirectory,
  type SurfaceFile,
} from './file.ts'

/** /sys/kernel/livepatch: Documentation/ABI/testing/sysfs-kernel-livepatch. */
export const findLivepatchFile = (
  kernel: KernelState,
  [name, second, third, ...rest]: readonly string[],
): SurfaceFile | SurfaceDirectory | null => {
  const { directories } = kernel.livepatch
  if (name === undefined) return directoryOf(() => [...directories.keys()].map(directoryEntry))
  const patch = directories.get(name)
  if (patch === undefined || rest.length > 0) return null
  if (second === undefined) return directoryOf(() => patchEntries(kernel, patch))
  if (third === undefined && isAttribute(kernel, second)) return attribute(kernel, patch, second)
  const object = patch.objects.find((known) => known.name === second)
  if (object === undefined) return null
  if (third === undefined)
    return directoryOf(() => [fileEntry('patched'), ...functionNames(object).map(directoryEntry)])
  if (third === 'patched') return whileThere(kernel, patch, () => bit(object.patched))
  return functionNames(object).includes(third) ? directoryOf(() => []) : null
}

const ATTRIBUTES = ['enabled', 'transition', 'force', 'replace', 'stack_order'] as const
type Attribute = (typeof ATTRIBUTES)[number]

const isAttribute = ({ facts }: KernelState, name: string): name is Attribute => {
  if (name === 'replace') return facts.livepatch.replaceAttribute
  if (name === 'stack_order') return facts.livepatch.stackOrderAttribute
  return (ATTRIBUTES as readonly string[]).includes(name)
}

const patchEntries = (kernel: KernelState, { objects }: Patch) => [
  ...ATTRIBUTES.filter((name) => isAttribute(kernel, name)).map(fileEntry),
  ...objects.map(({ name }) => directoryEntry(name)),
]

/** POS is 1 where the patch said that there is only one of the name. */
const functionNames = ({ functions }: PatchObject): readonly string[] =>
  functions.map(({ name, sympos }) => `${name},${sympos || 1}`)

const attribute = (kernel: KernelState, patch: Patch, name: Attribute): SurfaceFile => {
  const { livepatch } = kernel
  const writable = (write: (value: boolean) => ReturnType<NonNullable<SurfaceFile['write']>>) =>
    function* (text: string) {
      if (livepatch.directories.get(patch.name) !== patch) return 'ENODEV'
      const value = parseKernelBoolean(text)
      return value === null ? 'EINVAL' : yield* write(value)
    }
  switch (name) {
    case 'enabled':
      return {
        ...whileThere(kernel, patch, () => bit(patch.enabled), 0o644),
        write: writable((value) => livepatch.writeEnabled(patch, value)),
      }
    case 'force':
      return {
        ...{ kind: 'file', mode: 0o200, uid: 0 },
        write: writable((value) => livepatch.writeForce(patch, value)),
      }
    case 'transition':
      return whileThere(kernel, patch, () => bit(livepatch.changing.patch === patch))
    case 'replace':
      return whileThere(kernel, patch, () => bit(patch.image.replace))
    case 'stack_order':
      return whileThere(kernel, patch, () => `${stackOrder(livepatch.patches, patch)}\n`)
  }
}

/** stack_order_show counts up to the patch; one that is off the list already, as it goes, it does not find. */
const stackOrder = (patches: readonly Patch[], patch: Patch): number => {
  const index = patches.indexOf(patch)
  return index === -1 ? patches.length : index + 1
}

/** A descriptor outlives the directory: then it answers ENODEV. */
const whileThere = ({ livepatch }: KernelState, patch: Patch, text: () => string, mode = 0o444): SurfaceFile => ({
  ...{ kind: 'file', mode, uid: 0 },
  read: () => (livepatch.directories.get(patch.name) === patch ? ok(text()) : failed('ENODEV')),
})

const bit = (value: boolean): string => (value ? '1\n' : '0\n')
