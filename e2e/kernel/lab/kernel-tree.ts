import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Architecture, type BuiltArchitectureName, isBuiltArchitecture, X86_64 } from './architectures.ts'
import { builtKernelTree } from './built-kernel.ts'
import { cachedFolder } from './cache.ts'
import { unpackPackages, withFreshLists } from './packages.ts'
import { run } from './run.ts'

export const DEBIAN_SERIES = ['6.1', '6.12'] as const
type DebianSeries = (typeof DEBIAN_SERIES)[number]

/** A series of Debian's kernels for x86-64, or an architecture for which the lab builds one. */
export type LabKernel = DebianSeries | BuiltArchitectureName

/** Those that this run is about: `npm run test:kernel -- --arch ARCH` sets the variable (server/setup/test.mjs). */
export const KERNELS = kernelsOfThisRun(process.env.REBOOTLESS_LAB_ARCHITECTURE)

/** What to boot and what to build modules against. */
export interface KernelTree {
  readonly architecture: Architecture
  /** As `uname -r` prints it. */
  readonly release: string
  readonly image: string
  readonly headers: string
  /** Where the kernel's own modules are; undefined: all that a lab machine needs is built in. */
  readonly modules: string | undefined
  /** The compiler that the headers name; modules of another one may not load. */
  readonly compiler: string
  /** Variables for `make`. */
  readonly make: readonly string[]
  /** Debian packages that the host needs for it, each with a file that shows it. */
  readonly hostPackages: Readonly<Record<string, string>>
}

function kernelsOfThisRun(architecture: string | undefined): readonly LabKernel[] {
  if (architecture === undefined) return DEBIAN_SERIES
  if (isBuiltArchitecture(architecture)) return [architecture]
  throw new Error(`The kernel lab has no kernel for ${architecture}.`)
}

export async function kernelTree(kernel: LabKernel): Promise<KernelTree> {
  return isBuiltArchitecture(kernel) ? await builtKernelTree(kernel) : await debianKernelTree(kernel)
}

/** The newest cloud kernel of the series that the configured sources have, kept until `.cache/kernel` is removed. */
async function debianKernelTree(series: DebianSeries): Promise<KernelTree> {
  const folder = await cachedFolder(`kernel-${series}`, async (draft) => {
    const release = await withFreshLists(() => newestRelease(series))
    console.log(`kernel lab: downloading ${release}`)
    await unpackPackages(await packagesOf(release), draft)
    await mendHeaders(path.join(draft, `usr/src/linux-headers-${release}`))
  })
  const [release = ''] = await readdir(path.join(folder, 'lib/modules'))
  const headers = path.join(folder, `usr/src/linux-headers-${release}`)
  const variables = await readFile(path.join(headers, '.kernelvariables'), 'utf8')
  const compiler = variables.match(/gcc-\d+/)?.[0] ?? 'gcc'
  const { emulator } = X86_64
  return {
    architecture: X86_64,
    ...{ release, headers, compiler },
    image: path.join(folder, `boot/vmlinuz-${release}`),
    modules: path.join(folder, `lib/modules/${release}`),
    // Type information for the modules would need pahole; nothing here uses it.
    make: ['CONFIG_DEBUG_INFO_BTF_MODULES='],
    hostPackages: { [emulator.package]: `/usr/bin/${emulator.program}`, [compiler]: `/usr/bin/${compiler}` },
  }
}

async function newestRelease(series: DebianSeries): Promise<string> {
  const names = (await run('apt-cache', ['pkgnames', `linux-headers-${series}.`])).split('\n')
  const releases = names
    .flatMap((name) => name.match(/^linux-headers-(\d\S*-cloud-amd64)$/)?.[1] ?? [])
    .sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))
  const newest = releases.at(-1)
  if (newest === undefined) {
    throw new Error(`No Debian cloud kernel ${series} in the apt sources: Debian 12 has both in main and security.`)
  }
  return newest
}

async function packagesOf(release: string): Promise<string[]> {
  const headers = `linux-headers-${release}`
  const depends = await run('apt-cache', ['depends', '--important', headers])
  const shared = depends.matchAll(/Depends: (linux-(?:headers-\S+-common|kbuild-\S+))/g)
  return [`linux-image-${release}`, headers, ...Array.from(shared, ([, name = '']) => name)]
}

/** Installed headers find their other half by an absolute path. */
async function mendHeaders(headers: string): Promise<void> {
  const makefile = path.join(headers, 'Makefile')
  const text = await readFile(makefile, 'utf8')
  const beside = 'include $(realpath $(dir $(lastword $(MAKEFILE_LIST)))..)/'
  await writeFile(makefile, text.replace('include /usr/src/', beside))
}
