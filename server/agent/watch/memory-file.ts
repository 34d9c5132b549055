import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { PatchMemory } from '@rebootless/shared/contract/patch-memory.ts'
import { z } from 'zod'

const FILE_NAME = 'patch-memory.json'

const MemoryFile = z.strictObject({
  bootId: z.string().max(64),
  /** Records of the kernel log up to this one are already in the entries. */
  lastSequence: z.int().min(-1),
  entries: z.array(PatchMemory).max(512),
})
export type MemoryFile = z.infer<typeof MemoryFile>

/** What an earlier run of the agent kept for this very boot; a torn file, or another boot's, counts as none. */
export const loadMemory = async (dataDirectory: string, bootId: string): Promise<MemoryFile | null> => {
  try {
    const parsed = MemoryFile.safeParse(JSON.parse(await readFile(join(dataDirectory, FILE_NAME), 'utf8')))
    return parsed.success && parsed.data.bootId === bootId ? parsed.data : null
  } catch {
    return null
  }
}

/** Written beside and moved over, so that a crash leaves the old file or the new one: rename(2). */
export const saveMemory = async (dataDirectory: string, memory: MemoryFile): Promise<void> => {
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 })
  const path = join(dataDirectory, FILE_NAME)
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    await file.writeFile(JSON.stringify(memory))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
}
