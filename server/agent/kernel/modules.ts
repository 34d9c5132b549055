import type { LivepatchModule } from '@rebootless/shared/contract/kernel.ts'
import { cut, type KernelReading, parseCount, readFile } from './reading.ts'

const MODULES_BYTES_MAX = 1024 * 1024
const LIVEPATCH_MODULES_MAX = 512

export interface LoadedModule {
  name: string
  sizeBytes: number | null
  refcnt: number | null
  /** Letters in brackets at the end of the line, as `OEK`: Documentation/admin-guide/tainted-kernels.rst. */
  taint: string
}

/** /proc/modules: proc(5), newest module first. */
export const readModules = async (reading: KernelReading): Promise<LoadedModule[] | null> => {
  const text = await readFile(reading, '/proc/modules', {
    consequence: 'which livepatch modules are loaded is not known',
    expected: true,
    unlisted: true,
    bytesMax: MODULES_BYTES_MAX,
  })
  return text === null ? null : parseModules(text)
}

/** `NAME SIZE REFCNT USERS STATE ADDRESS (TAINT)`. */
export const parseModules = (text: string): LoadedModule[] =>
  text.split('\n').flatMap((line) => {
    const [name, size = '', references = ''] = line.split(' ')
    if (!name) return []
    const taint = /\(([A-Z+-]+)\)\s*$/.exec(line)?.[1] ?? ''
    return [{ name: cut(name, 64), sizeBytes: parseCount(size), refcnt: parseCount(references), taint: cut(taint, 32) }]
  })

/** Those that carry the livepatch taint, with what /sys/module says of each: Documentation/ABI/testing/sysfs-module. */
export const readLivepatchModules = async (
  reading: KernelReading,
  modules: readonly LoadedModule[],
): Promise<LivepatchModule[]> => {
  const found: LivepatchModule[] = []
  for (const module of modules.filter(({ taint }) => taint.includes('K')).slice(0, LIVEPATCH_MODULES_MAX)) {
    const attribute = async (name: string) => {
      const path = `/sys/module/${module.name}/${name}`
      return (
        (await readFile(reading, path, { consequence: `${name} of livepatch modules is not known` }))?.trim() ?? null
      )
    }
    const [version, srcversion] = [await attribute('version'), await attribute('srcversion')]
    found.push({
      name: module.name,
      version: version === null ? null : cut(version, 128),
      srcversion: srcversion === null ? null : cut(srcversion, 64),
      refcnt: parseCount(await attribute('refcnt')) ?? module.refcnt,
      taint: module.taint,
      sizeBytes: module.sizeBytes,
    })
  }
  return found
}
