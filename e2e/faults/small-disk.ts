import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A file system of its own, so small that it can be filled. */
export interface SmallDisk {
  readonly folder: string
  /** Takes room until so many bytes are left. */
  fill(leave: number): Promise<void>
  /** What was taken is free again. */
  free(): Promise<void>
  remove(): Promise<void>
}

/** Undefined where this user may not mount: mount(8), tmpfs(5). */
export const mountSmallDisk = async (bytes: number): Promise<SmallDisk | undefined> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-small-'))
  try {
    await chmod(folder, 0o755)
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=755`, 'tmpfs', folder])
  } catch {
    await rm(folder, { recursive: true })
    return undefined
  }
  const filler = path.join(folder, 'filler')
  let part = 0
  return {
    folder,
    async fill(leave) {
      part += 1
      const file = `${filler}-${part}`
      const { bavail, bsize } = await statfs(folder)
      const left = bavail * bsize - leave
      if (leave > 0 && left > 0) await run('fallocate', ['-l', String(left), file])
      // Until write(2) takes no more; fallocate(1) would give back what it took, when others take some meanwhile.
      if (leave === 0) await run('dd', ['if=/dev/zero', `of=${file}`, 'bs=1M']).catch(() => undefined)
    },
    async free() {
      for (; part > 0; part -= 1) await rm(`${filler}-${part}`, { force: true })
    },
    async remove() {
      await run('umount', ['--lazy', folder])
      await rm(folder, { recursive: true, force: true })
    },
  }
}
