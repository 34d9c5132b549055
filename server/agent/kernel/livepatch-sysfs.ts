import type { Livepatch, LivepatchFunction, LivepatchObject } from '@rebootless/shared/contract/kernel.ts'
import type { DirectoryEntry } from './kernel-fs.ts'
import { cut, isAbsent, type KernelReading, noteUnreadable, parseBoolean, parseCount, readFile } from './reading.ts'

export const LIVEPATCH_DIRECTORY = '/sys/kernel/livepatch'
const CONSEQUENCE = 'what livepatches this kernel has is not known'
const PATCHES_MAX = 256
const OBJECTS_MAX = 1024
const FUNCTIONS_MAX = 4096
const UNKNOWN_ATTRIBUTES_MAX = 32
const KNOWN_ATTRIBUTES = new Set(['enabled', 'transition', 'replace', 'stack_order', 'force', 'signal'])

/**
 * /sys/kernel/livepatch: Documentation/ABI/testing/sysfs-kernel-livepatch. Attributes come and go with releases, so a
 * missing one is unknown; a directory that vanishes while it is read is gone.
 */
export const readLivepatches = async (reading: KernelReading): Promise<Livepatch[] | null> => {
  const listing = await reading.fs.list(LIVEPATCH_DIRECTORY)
  if (!listing.ok) {
    // Without sysfs, as in a container, its absence says nothing of the kernel: then that is what is told.
    const visible = !isAbsent(listing) || (await reading.fs.list('/sys/kernel')).ok
    noteUnreadable(reading, visible ? LIVEPATCH_DIRECTORY : '/sys/kernel', listing.errno, CONSEQUENCE)
    return null
  }
  const names = directories(listing.value).slice(0, PATCHES_MAX)
  const patches: Livepatch[] = []
  for (const name of names.sort()) {
    const patch = await readPatch(reading, name)
    if (patch !== null) patches.push(patch)
  }
  return patches
}

const readPatch = async (reading: KernelReading, name: string): Promise<Livepatch | null> => {
  const path = `${LIVEPATCH_DIRECTORY}/${name}`
  const listing = await reading.fs.list(path)
  if (!listing.ok) {
    if (!isAbsent(listing))
      noteUnreadable(reading, path, listing.errno, `the objects of ${cut(name, 64)} are not known`)
    return null
  }
  const attribute = (file: string) =>
    readFile(reading, `${path}/${file}`, { consequence: `${file} of ${cut(name, 64)} is not known` })
  const has = (file: string) => listing.value.some((entry) => entry.name === file)
  const patch = {
    name: cut(name, 64),
    enabled: parseBoolean(await attribute('enabled')),
    transition: parseBoolean(await attribute('transition')),
    replace: has('replace') ? parseBoolean(await attribute('replace')) : null,
    stackOrder: has('stack_order') ? parseCount(await attribute('stack_order')) : null,
    objects: await readObjects(reading, path, directories(listing.value)),
    unknownAttributes: unknownAttributes(listing.value),
  }
  const stillThere = patch.enabled !== null || patch.transition !== null || (await reading.fs.list(path)).ok
  return stillThere ? patch : null
}

const readObjects = async (reading: KernelReading, path: string, names: string[]): Promise<LivepatchObject[]> => {
  const objects: LivepatchObject[] = []
  for (const name of names.slice(0, OBJECTS_MAX).sort()) {
    const listing = await reading.fs.list(`${path}/${name}`)
    if (!listing.ok) continue
    const patched = await readFile(reading, `${path}/${name}/patched`, {
      consequence: `whether ${cut(name, 64)} is patched is not known`,
    })
    const functions = directories(listing.value)
      .map(parseFunction)
      .filter((found) => found !== null)
    objects.push({ name: cut(name, 64), patched: parseBoolean(patched), functions: functions.slice(0, FUNCTIONS_MAX) })
  }
  return objects
}

/** `FUNCTION,SYMPOS`, cut at the last comma. */
export const parseFunction = (directory: string): LivepatchFunction | null => {
  const match = /^(.+),(\d{1,9})$/s.exec(directory)
  return match?.[1] === undefined ? null : { name: cut(match[1], 512), sympos: Number(match[2]) }
}

const directories = (entries: readonly DirectoryEntry[]): string[] =>
  entries.filter(({ directory }) => directory).map(({ name }) => name)

const unknownAttributes = (entries: readonly DirectoryEntry[]): string[] =>
  entries
    .filter(({ name, directory }) => !directory && !KNOWN_ATTRIBUTES.has(name))
    .map(({ name }) => cut(name, 64))
    .slice(0, UNKNOWN_ATTRIBUTES_MAX)
