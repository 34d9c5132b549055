import { mkdir, readdir, realpath } from 'node:fs/promises'
import path from 'node:path'
import { type Architecture, BUILT_ARCHITECTURES, type BuiltArchitecture } from './architectures.ts'
import { cachedFolder, exists } from './cache.ts'
import { unpackWithDependencies } from './debian-archive.ts'
import { unpackPackages } from './packages.ts'
import { run } from './run.ts'

/** The programs of a lab machine, as files of the host. */
export interface Userland {
  readonly node: string
  readonly busybox: string
  readonly applets: readonly string[]
  readonly kmod: string
  readonly shell: string
  /** What they load: by the path in the guest, the file. */
  readonly libraries: ReadonlyMap<string, string>
}

/** The host's own programs, or Debian's and npm's for another architecture. */
export async function userland(architecture: Architecture): Promise<Userland> {
  const built = Object.values(BUILT_ARCHITECTURES).find(({ machine }) => machine === architecture.machine)
  return built === undefined ? await hostUserland() : await foreignUserland(built)
}

async function hostUserland(): Promise<Userland> {
  const [node, busybox] = [await realpath(process.execPath), await hostBusybox()]
  const [kmod, shell] = ['/bin/kmod', '/bin/dash']
  const libraries = (await Promise.all([node, kmod, shell].map(hostLibraries))).flat()
  return {
    ...{ node, busybox, applets: await appletNames(), kmod, shell },
    libraries: new Map(libraries.map((library) => [library, library])),
  }
}

/** The paths under which a program of the host looks for its libraries, its loader among them. */
export async function hostLibraries(program: string): Promise<string[]> {
  const text = await run('ldd', [program])
  return Array.from(text.matchAll(/(?:=> )?(\/\S+) \(0x/g), ([, library = '']) => library)
}

async function foreignUserland(architecture: BuiltArchitecture): Promise<Userland> {
  const folder = await cachedFolder(`userland-${architecture.debian}`, async (draft) => {
    console.log(`kernel lab: downloading programs for ${architecture.machine}`)
    const wanted = ['busybox-static', 'kmod', 'dash', 'libstdc++6']
    await unpackWithDependencies({ architecture: architecture.debian }, wanted, draft)
    await mkdir(path.join(draft, 'npm'))
    const packed = await run('npm', ['pack', '--silent', architecture.nodePackage], path.join(draft, 'npm'))
    await run('tar', ['-xzf', packed.trim(), '--strip-components=1'], path.join(draft, 'npm'))
  })
  const node = path.join(folder, 'npm/bin/node')
  const [kmod, shell] = [await unpacked(folder, 'bin/kmod'), await unpacked(folder, 'bin/dash')]
  return {
    ...{ node, busybox: await unpacked(folder, 'bin/busybox'), applets: await appletNames(), kmod, shell },
    libraries: await foreignLibraries(folder, architecture, [node, kmod, shell]),
  }
}

/**
 * What programs of another architecture load, which ldd can tell only by running them: the names that each file's dynamic
 * section asks for (ELF specification, DT_NEEDED), and the loader that a program names.
 */
async function foreignLibraries(
  folder: string,
  { triplet }: BuiltArchitecture,
  programs: readonly string[],
): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for (const name of ['usr/lib', 'lib'].map((place) => path.join(folder, place, triplet))) {
    for (const file of await readdir(name).catch(() => [])) files.set(file, path.join(name, file))
  }
  const found = new Map<string, string>()
  const pending = [...programs]
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    const text = await run('readelf', ['-d', '-l', '-W', file])
    const needed = Array.from(text.matchAll(/\(NEEDED\).*\[(.+)\]/g), ([, name = '']) => `/lib/${triplet}/${name}`)
    const loader = text.match(/program interpreter: (.+)\]/)?.[1]
    for (const place of loader === undefined ? needed : [...needed, loader]) {
      const library = files.get(path.basename(place))
      if (library === undefined) throw new Error(`No package has ${place}, which ${file} needs.`)
      if (found.has(place)) continue
      found.set(place, library)
      pending.push(library)
    }
  }
  return found
}

/** Taken from its package without installing it, since that would replace the host's own busybox. */
async function hostBusybox(): Promise<string> {
  return await unpacked(
    await cachedFolder('busybox', (draft) => unpackPackages(['busybox-static'], draft)),
    'bin/busybox',
  )
}

/** Those of the host's release; the same package has the same ones on every architecture. */
const appletNames = async () => (await run(await hostBusybox(), ['--list'])).trim().split('\n')

/** Where an unpacked package has a program: before or after /bin became a link to /usr/bin. */
async function unpacked(folder: string, name: string): Promise<string> {
  const [older, newer] = [path.join(folder, name), path.join(folder, 'usr', name)]
  return (await exists(older)) ? older : newer
}
