import type { ProviderHost } from '../provider.ts'

export const CACHE = '/var/cache/uptrack'
const DEPTH_MAX = 6
const LISTINGS_MAX = 128
const FILES = new Set(['status', 'upgrade_plan', 'results', 'init_plan'])

/** Where Uptrack of 2011 keeps what it knows of the running kernel (Uptrack.py, setRepoPaths). */
export const usualDirectory = ({ kernel }: ProviderHost): string => {
  const architecture = /^i[456]86$/.test(kernel.architecture ?? '') ? 'i386' : kernel.architecture
  return `${CACHE}/Linux/${architecture}/${kernel.release}/${kernel.version}`
}

/**
 * The directories that hold such files for the running kernel: the usual one, else those found by their files' names below
 * a directory named after the release, since today's client may keep them elsewhere.
 */
export const findDirectory = async (host: ProviderHost): Promise<string | null> => {
  const usual = usualDirectory(host)
  if (await host.exists(`${usual}/status`)) return usual
  let listings = 0
  const search = async (directory: string, depth: number, isOfKernel: boolean): Promise<string | null> => {
    if (depth > DEPTH_MAX || listings >= LISTINGS_MAX) return null
    listings += 1
    const listed = await host.list(directory)
    if (!listed.ok) return null
    if (isOfKernel && listed.value.some(({ name, directory: isDirectory }) => !isDirectory && FILES.has(name)))
      return directory
    for (const { name, directory: isDirectory } of listed.value) {
      // `updates` holds the unpacked updates themselves.
      if (!isDirectory || name === 'updates') continue
      const found = await search(`${directory}/${name}`, depth + 1, isOfKernel || name === host.kernel.release)
      if (found !== null) return found
    }
    return null
  }
  return search(CACHE, 0, false)
}
