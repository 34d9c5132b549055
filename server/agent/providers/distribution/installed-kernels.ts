import type { ProviderHost } from '../provider.ts'
import { compareVersions } from './compare-releases.ts'

const KERNELS_MAX = 64
const DIRECTORIES = ['/lib/modules', '/usr/lib/modules'] as const
/** Of an installed kernel's folder: depmod(8), the kernel's `modules_install`, and the image where a distribution keeps it. */
const MARKS = new Set(['modules.dep', 'modules.builtin', 'modules.order', 'kernel', 'vmlinuz'])

/** Releases with modules on disk, oldest first; a folder that a removed kernel left behind is not one. null: not known. */
export const readInstalledKernels = async (host: ProviderHost): Promise<string[] | null> => {
  for (const directory of DIRECTORIES) {
    const listing = await host.list(directory)
    if (!listing.ok) continue
    const releases: string[] = []
    const named = listing.value.filter((entry) => entry.directory && /^\d[\w.+~-]{0,127}$/.test(entry.name))
    const newest = named
      .map(({ name }) => name)
      .sort(compareVersions)
      .slice(-KERNELS_MAX)
    for (const release of newest) {
      const inside = await host.list(`${directory}/${release}`)
      const whole = !inside.ok || inside.value.some(({ name }) => MARKS.has(name))
      if (whole || release === host.kernel.release) releases.push(release)
    }
    return releases
  }
  return null
}
