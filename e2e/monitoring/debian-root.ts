import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { cachedFolder } from '../kernel/lab/cache.ts'
import { unpackPackages } from '../kernel/lab/packages.ts'

/** A package of Debian, unpacked and not installed, whose programs run with its folder as their root. */
export interface DebianRoot {
  /** A new folder below it, and its name as the programs see it. */
  newFolder(): Promise<{ outside: string; inside: string; remove(): Promise<void> }>
  /** @param words the program, by its path below the root, and its arguments */
  start(words: readonly [string, ...string[]]): ChildProcess
}

/** Debian's builds look for their templates below /usr/share, where nothing is put that is not installed; so they get a root of their own. */
export const debianRoot = async (name: string): Promise<DebianRoot> => {
  const root = await cachedFolder(`debian-${name}`, async (draft) => {
    await unpackPackages([name, 'libc6'], draft)
    await mkdir(path.join(draft, 'tmp'))
  })
  return {
    async newFolder() {
      const outside = await mkdtemp(path.join(root, 'tmp', 'run-'))
      return {
        outside,
        inside: path.join('/tmp', path.basename(outside)),
        remove: () => rm(outside, { recursive: true, force: true }),
      }
    },
    start(words) {
      // Both become the program, so that what is killed is the program.
      const changed = process.getuid?.() === 0 ? ['chroot', root] : ['unshare', '--map-root-user', '--root', root]
      const [command = '', ...rest] = [...changed, ...words]
      return spawn(command, rest, { stdio: 'ignore' })
    },
  }
}
