import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { BUILT_ARCHITECTURES, type BuiltArchitecture, type BuiltArchitectureName } from './architectures.ts'
import { cachedFolder, contentHash, kernelFolder } from './cache.ts'
import { downloadNewest } from './debian-archive.ts'
import type { KernelTree } from './kernel-tree.ts'
import { ensureHostPackages } from './packages.ts'
import { run } from './run.ts'

/** The kernels of the releases themselves (6.1, 6.12) are older than livepatch on arm64. */
const SUITE = 'trixie-backports'
const SOURCE_PACKAGE = /^linux-source-\d+\.\d+$/

/** A small kernel of another architecture, built from Debian's source on first use: some ten minutes. */
export async function builtKernelTree(name: BuiltArchitectureName): Promise<KernelTree> {
  const architecture: BuiltArchitecture = BUILT_ARCHITECTURES[name]
  const { triplet } = architecture
  const compiler = `${triplet}-gcc`
  const hostPackages = {
    [architecture.emulator.package]: `/usr/bin/${architecture.emulator.program}`,
    [`gcc-${triplet}`]: `/usr/bin/${compiler}`,
    [`libc6-dev-${architecture.debian}-cross`]: `/usr/${triplet}/lib/libc.a`,
    ...{ flex: '/usr/bin/flex', bison: '/usr/bin/bison', bc: '/usr/bin/bc' },
    'libelf-dev': '/usr/include/gelf.h',
  }
  await ensureHostPackages(hostPackages)
  const source = await kernelSource()
  const make = [`ARCH=${architecture.kernel}`, `CROSS_COMPILE=${triplet}-`]
  const fragment = await configuration(name)
  // The makefile says which version it is.
  const hash = contentHash([await readFile(path.join(source, 'Makefile')), fragment])
  const folder = await cachedFolder(`kernel-${name}-${hash}`, async (draft) => {
    console.log(`kernel lab: building a kernel for ${name}`)
    await configure(source, draft, make, fragment)
    await run('make', ['-s', '-C', source, `O=${draft}`, '-j2', ...make, architecture.target, 'modules'])
  })
  return {
    release: (await readFile(path.join(folder, 'include/config/kernel.release'), 'utf8')).trim(),
    image: path.join(folder, architecture.image),
    headers: source,
    modules: undefined,
    // A kernel's folder was moved since it was built, and remembers where it was.
    make: [...make, `O=${folder}`],
    ...{ architecture, compiler, hostPackages },
  }
}

/** The unpacked source, the same for all architectures: each is built in a folder beside it. */
async function kernelSource(): Promise<string> {
  const folder = await cachedFolder('kernel-source', async (draft) => {
    console.log("kernel lab: downloading the kernel's source")
    const file = await downloadNewest({ suite: SUITE, architecture: 'amd64' }, SOURCE_PACKAGE, draft)
    await run('dpkg-deb', ['-x', file, draft])
    await rm(file)
    const [archive = ''] = (await run('find', [draft, '-name', 'linux-source-*.tar.xz'])).split('\n')
    await run('tar', ['-xJf', archive, '-C', draft, '--strip-components=1'])
    await rm(path.join(draft, 'usr/src'), { recursive: true })
  })
  return folder
}

async function configuration(name: BuiltArchitectureName): Promise<string> {
  const files = ['common.config', `${name}.config`].map((file) => path.join(kernelFolder, 'configs', file))
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n')
}

/** Nothing but what the fragment says, and what that cannot be without; an option that did not hold is an error. */
async function configure(source: string, draft: string, make: string[], fragment: string): Promise<void> {
  const wanted = path.join(draft, 'wanted.config')
  await writeFile(wanted, fragment)
  const variables = [`O=${draft}`, ...make, `KCONFIG_ALLCONFIG=${wanted}`]
  await run('make', ['-s', '-C', source, ...variables, 'allnoconfig'])
  const held = new Set((await readFile(path.join(draft, '.config'), 'utf8')).split('\n'))
  const lost = fragment.split('\n').filter((line) => line.startsWith('CONFIG_') && !held.has(line))
  if (lost.length > 0) throw new Error(`The kernel's configuration did not take ${lost.join(', ')}`)
}
