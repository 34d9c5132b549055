import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

/** The agent as hosts install it: one file, the same bytes for all. */
export interface AgentFile {
  readonly content: Buffer
  readonly bytes: number
  /** Hex. */
  readonly sha256: string
}

/** Undefined when it was not built. */
export const readAgentFile = async (path: string): Promise<AgentFile | undefined> => {
  const content = await readFile(path).catch(() => undefined)
  if (content === undefined) return undefined
  return { content, bytes: content.byteLength, sha256: createHash('sha256').update(content).digest('hex') }
}
