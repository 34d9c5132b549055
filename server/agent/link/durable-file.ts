import { randomBytes } from 'node:crypto'
import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** Undefined when there is no such file. */
export const readIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Resolves when what was written to the file, or the names in the directory, are on the disk: fsync(2). */
export type Sync = (file: FileHandle) => Promise<void>
export const toDisk: Sync = (file) => file.sync()

/**
 * Replaces a file whole: a reader, or the next start after a power cut, finds the old text or the new one, never a
 * part. With `durable`, the new one is on the disk when the promise resolves (fsync(2) of file and directory).
 */
export const replaceFile = async (
  path: string,
  content: string | Uint8Array,
  { durable, sync = toDisk, mode = 0o600 }: { durable: boolean; sync?: Sync; mode?: number },
): Promise<void> => {
  const directory = dirname(path)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  try {
    const file = await open(draft, 'wx', mode)
    try {
      await file.writeFile(content)
      // Whatever the umask.
      await file.chmod(mode)
      if (durable) await sync(file)
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  if (!durable) return
  const handle = await open(directory, 'r')
  await sync(handle).finally(() => handle.close())
}
