import { join } from 'node:path'
import { PatchMemory } from '@rebootless/shared/contract/patch-memory.ts'
import * as z from 'zod'
import { readIfThere, replaceFile } from '../link/durable-file.ts'

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
    const parsed = MemoryFile.safeParse(JSON.parse((await readIfThere(join(dataDirectory, FILE_NAME))) ?? ''))
    return parsed.success && parsed.data.bootId === bootId ? parsed.data : null
  } catch {
    return null
  }
}

/** A crash leaves the old file or the new one. */
export const saveMemory = (dataDirectory: string, memory: MemoryFile): Promise<void> =>
  replaceFile(join(dataDirectory, FILE_NAME), JSON.stringify(memory), { durable: true })
