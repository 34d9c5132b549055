import { createHash } from 'node:crypto'
import type { KernelFs } from '../kernel/kernel-fs.ts'

const WATCHED_BYTES_MAX = 64 * 1024

/** One text for the state of these files and directories: it differs when a text, or the names in a directory, do. */
export const watchedState = async (fs: KernelFs, paths: readonly string[]): Promise<string> => {
  const hash = createHash('sha256')
  for (const path of paths) hash.update(`${path}\0${await stateOf(fs, path)}\0`)
  return hash.digest('base64')
}

const stateOf = async (fs: KernelFs, path: string): Promise<string> => {
  const file = await fs.read(path, WATCHED_BYTES_MAX)
  if (file.ok) return `text ${file.value}`
  if (file.errno !== 'EISDIR') return file.errno
  const entries = await fs.list(path)
  return entries.ok ? `names ${JSON.stringify(entries.value.map(({ name }) => name).sort())}` : entries.errno
}
