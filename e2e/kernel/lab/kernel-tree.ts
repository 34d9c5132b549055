import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { cachedFolder } from './cache.ts'
import { unpackPackages, withFreshLists } from './packages.ts'
import { run } from './run.ts'

export const KERNELS = ['6.1', '6.12'] as const
export type KernelSeries = (typeof KERNELS)[number]

/** An unpacked Debian cloud kernel: what to boot and what to build modules against. */
export interface KernelTree {
  readonly series: KernelSeries
  /** As `uname -r` prints it. */
  readonly release: string
  readonly image: string
  readonly headers: string
  readonly modules: string
  /** The compiler that the headers name; modules of another one may not load. */
  readonly compiler: string
}

/** The newest kernel of the series that the configured sources have, kept until `.cache/kernel` is removed. */
export async function kernelTree(series: KernelSeries): Promise<KernelTree> {
  const folder = await cachedFolder(`kernel-${series}`, async (draft) => {
    const release = await withFreshLists(() => newestRelease(series))
    console.log(`kernel lab: downloading ${release}`)
    await unpackPackages(await packagesOf(release), draft)
    await mendHeaders(path.join(draft, `usr/src/linux-headers-${release}`))
  })
  const [release = ''] = await readdir(path.join(folder, 'lib/modules'))
  const headers = path.join(folder, `usr/src/linux-headers-${release}`)
  const variables = await readFile(path.join(headers, '.kernelvariables'), 'utf8')
  return {
    series,
    release,
    image: path.join(folder, `boot/vmlinuz-${release}`),
    headers,
    modules: path.join(folder, `lib/modules/${release}`),
    compiler: variables.match(/gcc-\d+/)?.[0] ?? 'gcc',
  }
}

async function newestRelease(series: KernelSeries): Promise<string> {
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
