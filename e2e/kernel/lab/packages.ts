import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { exists } from './cache.ts'
import { run } from './run.ts'

/** What the host must have, each by a file that shows it, since a tool may be there without its Debian package. */
const NEEDED: Record<string, string> = {
  make: '/usr/bin/make',
  binutils: '/usr/bin/strip',
  'libc6-dev': '/usr/lib/x86_64-linux-gnu/libc.a',
  libelf1: '/usr/lib/x86_64-linux-gnu/libelf.so.1',
  kmod: '/bin/kmod',
  'xz-utils': '/usr/bin/xz',
  'util-linux': '/usr/bin/setpriv',
}

/** Installs by apt what is missing, of what each kernel needs and of `more`, when it may; otherwise says what to type. */
export async function ensureHostPackages(more: Readonly<Record<string, string>>): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64' || !(await exists('/usr/bin/apt-get'))) {
    throw new Error('The kernel lab boots Debian kernels with Debian tools: it needs Debian 12 or newer on x86-64.')
  }
  const missing: string[] = []
  for (const [name, file] of Object.entries({ ...NEEDED, ...more })) {
    if (!(await exists(file))) missing.push(name)
  }
  if (missing.length === 0) return
  const install = ['install', '-y', '--no-install-recommends', ...missing]
  if (process.getuid?.() !== 0) throw new Error(`The kernel lab needs: sudo apt-get ${install.join(' ')}`)
  console.log(`kernel lab: installing ${missing.join(', ')}`)
  await withFreshLists(() => run('apt-get', install))
}

/** Unpacks packages into a folder without installing them: the host boots none of this. */
export async function unpackPackages(names: string[], folder: string): Promise<void> {
  await withFreshLists(() => run('apt-get', ['download', ...names], folder))
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.deb'))) {
    await run('dpkg-deb', ['-x', file, '.'], folder)
    await rm(path.join(folder, file))
  }
}

/** Lists that are absent or too old name packages that the mirror no longer has; only root can renew them. */
export async function withFreshLists<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt()
  } catch (cause) {
    if (process.getuid?.() !== 0) throw new Error('If package lists are old: sudo apt-get update', { cause })
    await run('apt-get', ['update'])
    return await attempt()
  }
}
