import { appendFile, copyFile, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { bootModules } from './boot-modules.ts'
import { cachedFolder, contentHash, kernelFolder } from './cache.ts'
import { type CpioEntry, cpioArchive } from './cpio.ts'
import type { KernelTree } from './kernel-tree.ts'
import { builtModules, builtReader } from './modules.ts'
import { hostLibraries, userland } from './userland.ts'

const KMOD_NAMES = ['insmod', 'rmmod', 'lsmod', 'modprobe', 'modinfo', 'depmod']

export interface InitramfsOptions {
  readonly tree: KernelTree
  readonly hostname: string
  readonly agentBundle?: string | undefined
  readonly programs?: readonly string[] | undefined
  readonly files?: readonly CpioEntry[] | undefined
}

/**
 * Two archives behind one another, as the kernel allows: the large one (Node, busybox) is cached for all boots. Neither is
 * compressed: an emulated CPU unpacks more slowly than QEMU copies.
 */
export async function writeInitramfs(file: string, options: InitramfsOptions): Promise<void> {
  await copyFile(await baseArchive(options.tree), file)
  await appendFile(file, cpioArchive(await ownEntries(options)))
}

async function baseArchive(tree: KernelTree): Promise<string> {
  const { node, busybox, applets, kmod, shell, libraries } = await userland(tree.architecture)
  const reader = await builtReader(tree)
  const parts = [node, busybox, reader, kmod, shell, ...libraries.values()]
  const versions = await Promise.all(parts.map(async (file) => `${file} ${(await stat(file)).mtimeMs}`))
  const hash = contentHash([...versions, cpioArchive.toString()])
  const folder = await cachedFolder(`base-${hash}`, async (draft) => {
    const program = async (name: string, from: string): Promise<CpioEntry> => ({
      ...{ path: name, kind: 'program', content: await readFile(from) },
    })
    const entries: CpioEntry[] = [
      ...['sbin', 'usr/bin', 'usr/sbin'].map((name) => link(name, '/bin')),
      await program('bin/node', node),
      await program('bin/busybox', busybox),
      await program('bin/kmod', kmod),
      // Debian's shell: busybox's would run an insmod and a modinfo of its own, whatever the PATH says.
      await program('bin/sh', shell),
      await program('bin/lab-reader', reader),
      ...KMOD_NAMES.map((name) => link(`bin/${name}`, 'kmod')),
      ...applets.filter((name) => name !== 'busybox').map((name) => link(`bin/${name}`, 'busybox')),
      ...(await Promise.all(Array.from(libraries, ([name, library]) => program(name.slice(1), library)))),
    ]
    await writeFile(path.join(draft, 'base.cpio'), cpioArchive(entries))
  })
  return path.join(folder, 'base.cpio')
}

async function ownEntries(options: InitramfsOptions): Promise<CpioEntry[]> {
  const { tree, hostname, agentBundle } = options
  const file = (name: string, content: string | Uint8Array): CpioEntry => ({ path: name, kind: 'file', content })
  const modules = await builtModules(tree)
  const own = (await readdir(modules)).filter((name) => name.endsWith('.ko'))
  const needed = await bootModules(tree)
  const entries = [
    { ...file('init', await readFile(path.join(kernelFolder, 'guest/init'))), kind: 'program' as const },
    file('lib/lab/control.mjs', await readFile(path.join(kernelFolder, 'guest/control.mjs'))),
    file('lib/lab/boot-modules', needed.map(({ name }) => `${name}\n`).join('')),
    ...needed.map(({ name, content }) => file(`lib/lab/boot/${name}.ko`, content)),
    ...(await Promise.all(own.map(async (name) => file(labModule(name), await readFile(path.join(modules, name)))))),
    file('etc/hostname', `${hostname}\n`),
    // A host is known by its machine id, so two machines of one run must not share it.
    file('etc/machine-id', `${contentHash([hostname, 'one'])}${contentHash([hostname, 'two'])}\n`),
    file('etc/os-release', 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n'),
    file('etc/hosts', `127.0.0.1 localhost ${hostname}\n10.0.2.2 host\n`),
    file('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n'),
    file('etc/group', 'root:x:0:\n'),
    ...[
      'proc',
      'sys',
      'dev',
      'run',
      'tmp',
      'root',
      'etc/rebootless',
      'var/lib/rebootless',
      `lib/modules/${tree.release}`,
    ].map((name): CpioEntry => ({ path: name, kind: 'folder' })),
  ]
  if (agentBundle !== undefined) {
    const start = '#!/bin/sh\nexec node /usr/lib/rebootless/agent.mjs "$@"\n'
    entries.push(file('usr/lib/rebootless/agent.mjs', await readFile(agentBundle)))
    entries.push({ path: 'bin/rebootless-agent', kind: 'program', content: start })
  }
  return [...entries, ...(await hostPrograms(options.programs ?? [])), ...(options.files ?? [])]
}

/** Programs of the host, in the guest's /bin, with what they load. */
async function hostPrograms(programs: readonly string[]): Promise<CpioEntry[]> {
  const libraries = new Set((await Promise.all(programs.map(hostLibraries))).flat())
  const files = [
    ...programs.map((program) => [`bin/${path.basename(program)}`, program] as const),
    ...Array.from(libraries, (library) => [library.slice(1), library] as const),
  ]
  return await Promise.all(
    files.map(async ([name, from]): Promise<CpioEntry> => {
      return { path: name, kind: 'program', content: await readFile(from) }
    }),
  )
}

/** Where a module lies in the guest. */
export const labModule = (fileName: string) => `lib/lab/modules/${fileName}`

const link = (name: string, target: string): CpioEntry => ({ path: name, kind: 'link', content: target })
