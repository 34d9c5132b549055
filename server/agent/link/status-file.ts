import { join } from 'node:path'
import { Instant } from '@rebootless/shared/contract/primitives.ts'
import { HOST_CLASSES } from '@rebootless/shared/domain/words.ts'
import * as z from 'zod'
import { readIfThere, replaceFile } from './durable-file.ts'

/** What `run` leaves in the data directory for `status` to show. */
export const AgentStatus = z.strictObject({
  pid: z.int(),
  agentVersion: z.string(),
  startedAt: Instant,
  epoch: z.int(),
  state: z.enum(['connecting', 'connected', 'waiting', 'stopped']),
  /** Why it waits. */
  reason: z.string().nullable(),
  lastContactAt: Instant.nullable(),
  /** Host's clock minus the server's, milliseconds. */
  clockSkewMs: z.number().nullable(),
  hostClass: z.enum(HOST_CLASSES),
  classReason: z.string().nullable(),
  /** The last snapshot that could not be sent whole. */
  snapshotCut: z.string().nullable(),
  /** What became of the last command. */
  lastCommand: z.string().nullable().default(null),
})
export type AgentStatus = z.infer<typeof AgentStatus>

const pathOf = (dataDirectory: string) => join(dataDirectory, 'status.json')

/** Undefined when the agent never ran here, or left something else. */
export const readStatus = async (dataDirectory: string): Promise<AgentStatus | undefined> => {
  try {
    return AgentStatus.parse(JSON.parse((await readIfThere(pathOf(dataDirectory))) ?? ''))
  } catch {
    return undefined
  }
}

/** Not synced: it is of interest only while the machine is up. */
export const writeStatus = (dataDirectory: string, status: AgentStatus): Promise<void> =>
  replaceFile(pathOf(dataDirectory), `${JSON.stringify(status, null, 2)}\n`, { durable: false })
