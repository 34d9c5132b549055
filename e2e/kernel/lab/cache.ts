import { createHash } from 'node:crypto'
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'

export const kernelFolder = path.resolve(import.meta.dirname, '..')
export const cacheDirectory = path.resolve(kernelFolder, '../../.cache/kernel')

const DRAFT = '.draft-'

/**
 * A folder of the cache, made on first use. It is built beside its place and then renamed, so that a run which was
 * ended half-way leaves nothing that a later one would take for whole.
 */
export async function cachedFolder(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const place = path.join(cacheDirectory, name)
  if (await exists(place)) return place
  await removeDeadDrafts(name)
  const draft = `${place}${DRAFT}${process.pid}`
  await mkdir(draft, { recursive: true })
  try {
    await make(draft)
    await rename(draft, place)
  } catch (cause) {
    await rm(draft, { recursive: true, force: true })
    // Another run may have been faster; its folder is as good.
    if (!(await exists(place))) throw cause
  }
  return place
}

/** What a run that was killed left half made is large, and nobody else would ever remove it. */
async function removeDeadDrafts(name: string): Promise<void> {
  for (const file of await readdir(cacheDirectory).catch(() => [])) {
    if (!file.startsWith(`${name}${DRAFT}`) || isAlive(Number(file.split(DRAFT)[1]))) continue
    await rm(path.join(cacheDirectory, file), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return pid !== process.pid
  } catch {
    return false
  }
}

export async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  )
}

export function contentHash(parts: (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:`).update(part)
  return hash.digest('hex').slice(0, 16)
}
