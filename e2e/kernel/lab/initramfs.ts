import { appendFile, copyFile, readdir, readFile, realpath, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { bootModules } from './boot-modules.ts'
import { cachedFolder, contentHash, exists, kernelFolder } from './cache.ts'
import { type CpioEntry, cpioArchive } from './cpio.ts'
import type { KernelTree } from './kernel-tree.ts'
import { builtModules, builtReader } from './modules.ts'
import { unpackPackages } from './packages.ts'
import { run } from './run.ts'

const KMOD_NAMES = ['insmod', 'rmmod', 'lsmod', 'modprobe', 'modinfo', 'depmod']

export interface InitramfsOptions {
  readonly tree: KernelTree
  readonly hostname: string
  readonly agentBundle?: string | undefined
}

/**
 * Two archives behind one another, as the kernel allows: the large one (Node, busybox) is cached for all boots. Neither is
 * compressed: an emulated CPU unpacks more slowly than QEMU copies.
 */
export async function writeInitramfs(file: string, options: InitramfsOptions): Promise<void> {
  await copyFile(await baseArchive(options.tree.compiler), file)
  await appendFile(file, cpioArchive(await ownEntries(options)))
}

async function baseArchive(compiler: string): Promise<string> {
  const node = await realpath(process.execPath)
  const busybox = await busyboxProgram()
  const reader = await builtReader(compiler)
  const libraries = new Set([
    ...(await librariesOf(node)),
    ...(await librariesOf('/bin/kmod')),
    ...(await librariesOf('/bin/dash')),
  ])
  const parts = [node, busybox, reader, '/bin/kmod', '/bin/dash', ...libraries]
  const versions = await Promise.all(parts.map(async (file) => `${file} ${(await stat(file)).mtimeMs}`))
  const hash = contentHash([...versions, cpioArchive.toString()])
  const folder = await cachedFolder(`base-${hash}`, async (draft) => {
    const applets = (await run(busybox, ['--list'])).trim().split('\n')
    const program = async (name: string, from: string): Promise<CpioEntry> => ({
      ...{ path: name, kind: 'program', content: await readFile(from) },
    })
    const entries: CpioEntry[] = [
      ...['sbin', 'usr/bin', 'usr/sbin'].map((name) => link(name, '/bin')),
      await program('bin/node', node),
      await program('bin/busybox', busybox),
      await program('bin/kmod', '/bin/kmod'),
      // Debian's shell: busybox's would run an insmod and a modinfo of its own, whatever the PATH says.
      await program('bin/sh', '/bin/dash'),
      await program('bin/lab-reader', reader),
      ...KMOD_NAMES.map((name) => link(`bin/${name}`, 'kmod')),
      ...applets.filter((name) => name !== 'busybox').map((name) => link(`bin/${name}`, 'busybox')),
      ...(await Promise.all(Array.from(libraries, (library) => program(library.slice(1), library)))),
    ]
    await writeFile(path.join(draft, 'base.cpio'), cpioArchive(entries))
  })
  return path.join(folder, 'base.cpio')
}

async function ownEntries({ tree, hostname, agentBundle }: InitramfsOptions): Promise<CpioEntry[]> {
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
  return entries
}

/** Where a module lies in the guest. */
export const labModule = (fileName: string) => `lib/lab/modules/${fileName}`

const link = (name: string, target: string): CpioEntry => ({ path: name, kind: 'link', content: target })

/** Taken from its package without installing it, since that would replace the host's own busybox. */
async function busyboxProgram(): Promise<string> {
  const folder = await cachedFolder('busybox', (draft) => unpackPackages(['busybox-static'], draft))
  const places = ['bin/busybox', 'usr/bin/busybox'].map((name) => path.join(folder, name))
  return (await exists(places[0] ?? '')) ? (places[0] ?? '') : (places[1] ?? '')
}

/** The paths under which a program looks for its libraries, its loader among them. */
async function librariesOf(program: string): Promise<string[]> {
  const text = await run('ldd', [program])
  return Array.from(text.matchAll(/(?:=> )?(\/\S+) \(0x/g), ([, library = '']) => library)
}
