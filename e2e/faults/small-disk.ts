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
      const { bavail, bsize } = await statfs(folder)
      const left = bavail * bsize - leave
      part += 1
      // What was left may be taken by now, and then it is full as well: fallocate(1) ends with ENOSPC.
      if (left > 0) await run('fallocate', ['-l', String(left), `${filler}-${part}`]).catch(() => undefined)
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
