import type { LivepatchObject } from '@rebootless/shared/contract/kernel.ts'
import { parseBoolean } from '../../kernel/reading.ts'
import type { ProviderHost } from '../provider.ts'
import { isModuleName } from '../tool-text.ts'

const CORE_DIRECTORY = '/sys/kernel/kpatch'
const OBJECTS_MAX = 64
const FUNCTIONS_MAX = 4096
const PATCHES_MAX = 64
/** Each costs two reads every few seconds. */
const SWITCHES_MAX = 4

export interface CorePatch {
  readonly name: string
  readonly enabled: boolean | null
  readonly objects: readonly LivepatchObject[]
}

/**
 * The core that kpatch had before livepatch: /sys/kernel/kpatch/PATCH, in its first versions /sys/kernel/kpatch/patches/PATCH,
 * with `enabled` and a folder for each function (dynup/kpatch, kmod/patch/kpatch-patch-hook.c). null: it is not loaded.
 */
export const readKpatchCore = async (host: ProviderHost): Promise<CorePatch[] | null> => {
  const top = await host.list(CORE_DIRECTORY)
  if (!top.ok) return null
  const old = top.value.some(({ name }) => name === 'patches')
  const base = old ? `${CORE_DIRECTORY}/patches` : CORE_DIRECTORY
  const listing = old ? await host.list(base) : top
  const names = (listing.ok ? listing.value : []).filter(({ name, directory }) => directory && isModuleName(name))
  const patches: CorePatch[] = []
  for (const { name } of names.slice(0, PATCHES_MAX)) {
    const enabled = await host.readText(`${base}/${name}/enabled`)
    patches.push({
      name,
      enabled: enabled.ok ? parseBoolean(enabled.value) : null,
      objects: await readObjects(host, `${base}/${name}`),
    })
  }
  return patches
}

/** `enabled` of the core's patches, in both layouts: no folder's entries differ when one is switched. */
export const coreSwitches = ({ modules }: ProviderHost): string[] =>
  (modules ?? [])
    .filter(({ name, taint }) => name.startsWith('kpatch_') && taint !== '')
    .slice(0, SWITCHES_MAX)
    .flatMap(({ name }) => [`${CORE_DIRECTORY}/${name}/enabled`, `${CORE_DIRECTORY}/patches/${name}/enabled`])

/** `functions/NAME`, which does not say whose they are, or as livepatch has it OBJECT/NAME,POSITION. */
const readObjects = async (host: ProviderHost, path: string): Promise<LivepatchObject[]> => {
  const folders = await host.list(path)
  const objects: LivepatchObject[] = []
  for (const { name } of (folders.ok ? folders.value : []).filter(({ directory }) => directory).slice(0, OBJECTS_MAX)) {
    const inside = await host.list(`${path}/${name}`)
    const functions = (inside.ok ? inside.value : [])
      .filter(({ directory }) => directory)
      .map((entry) => parseFunction(entry.name))
    if (functions.length === 0) continue
    const object = name === 'functions' ? 'unknown' : name.slice(0, 64)
    objects.push({ name: object, patched: null, functions: functions.slice(0, FUNCTIONS_MAX) })
  }
  return objects
}

const parseFunction = (entry: string): { name: string; sympos: number } => {
  const [, name = entry, position = '0'] = /^(.*),(\d{1,9})$/.exec(entry) ?? []
  return { name: name.slice(0, 512), sympos: Number(position) }
}
