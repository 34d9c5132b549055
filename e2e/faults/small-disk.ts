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
  leave(bytes: number): Promise<void>
  /** Takes all that is left now; others may have let go of some since. */
  fill(): Promise<void>
  /** What was taken is free again. */
  free(): Promise<void>
  remove(): Promise<void>
}

/** Why this user may not mount one, or the disk: mount(8), tmpfs(5). */
export const mountSmallDisk = async (bytes: number): Promise<SmallDisk | string> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-small-'))
  try {
    // PostgreSQL's user passes through.
    await chmod(folder, 0o755)
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=755`, 'tmpfs', folder])
  } catch (error) {
    await rm(folder, { recursive: true })
    return error instanceof Error ? error.message.trim() : String(error)
  }
  let parts = 0
  const nextFile = () => {
    parts += 1
    return path.join(folder, `filler-${parts}`)
  }
  return {
    folder,
    async leave(left) {
      const { bavail, bsize } = await statfs(folder)
      const taken = bavail * bsize - left
      if (taken > 0) await run('fallocate', ['-l', String(taken), nextFile()])
    },
    async fill() {
      // Until write(2) takes no more; fallocate(1) would give back what it took, when others take some meanwhile.
      await run('dd', ['if=/dev/zero', `of=${nextFile()}`, 'bs=64k']).catch(() => undefined)
    },
    async free() {
      for (; parts > 0; parts -= 1) await rm(path.join(folder, `filler-${parts}`), { force: true })
    },
    async remove() {
      await run('umount', ['--lazy', folder])
      await rm(folder, { recursive: true, force: true })
    },
  }
}
