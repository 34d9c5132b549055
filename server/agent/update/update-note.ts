import { join } from 'node:path'
import { AgentVersion } from '@rebootless/shared/contract/agent-release.ts'
import { Sha256 } from '@rebootless/shared/contract/signed.ts'
import * as z from 'zod'
import { readIfThere, replaceFile, type Sync } from '../link/durable-file.ts'

/** What is known of the last time that a new agent was to take this one's place; in the data directory. */
const UpdateNote = z.strictObject({
  commandId: z.uuid(),
  version: AgentVersion,
  former: AgentVersion,
  /** Of the former agent's file, which is kept. */
  formerSha256: Sha256,
  /** How often the new one was started in its place before it had proven itself. */
  starts: z.int().min(0),
  confirmed: z.boolean(),
  /** Why the former one is to run again. */
  failure: z.string().nullable(),
})
export type UpdateNote = z.infer<typeof UpdateNote>

export const updateFolder = (dataDirectory: string): string => join(dataDirectory, 'agent')
const noteOf = (dataDirectory: string): string => join(updateFolder(dataDirectory), 'update.json')

/** Undefined: there is none that could be read. */
export const readNote = async (dataDirectory: string): Promise<UpdateNote | undefined> => {
  try {
    return UpdateNote.parse(JSON.parse((await readIfThere(noteOf(dataDirectory))) ?? ''))
  } catch {
    return undefined
  }
}

export const writeNote = (dataDirectory: string, note: UpdateNote, sync?: Sync): Promise<void> =>
  replaceFile(noteOf(dataDirectory), JSON.stringify(note), { durable: true, ...(sync && { sync }) })
