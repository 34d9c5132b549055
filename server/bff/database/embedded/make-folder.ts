import { chmod, mkdir } from 'node:fs/promises'
import path from 'node:path'

/**
 * Makes a folder, and those above it that are missing, with just this mode: mkdir(2) takes the umask out of it, which
 * for root may be 077. What is there already stays as it is.
 */
export async function makeFolder(folder: string, mode: number): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode })
  if (first === undefined) return
  for (let made = path.resolve(folder); ; made = path.dirname(made)) {
    await chmod(made, mode)
    if (made === path.resolve(first) || made === path.dirname(made)) return
  }
}
