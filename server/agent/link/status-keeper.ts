import { type AgentStatus, writeStatus } from './status-file.ts'

interface StatusKeeper {
  /** Notes a change, to be written soon. */
  tell(change: Partial<AgentStatus>): void
  /** Resolves once all that was told is in the file. */
  written(): Promise<void>
}

/** Keeps the status file: one write at a time, of whatever is newest then, since contacts come faster than a slow disk. */
export const createStatusKeeper = (options: {
  readonly dataDirectory: string
  readonly first: AgentStatus
  /** False: nobody asks, so none is written. */
  readonly keeps: boolean
  readonly log: { warn(text: string): void }
}): StatusKeeper => {
  const { dataDirectory, keeps, log } = options
  let status = options.first
  let writing = Promise.resolve()
  let writePlanned = false
  return {
    tell(change) {
      if (!keeps) return
      status = { ...status, ...change }
      if (writePlanned) return
      writePlanned = true
      writing = writing
        .then(async () => {
          writePlanned = false
          await writeStatus(dataDirectory, status)
        })
        .catch((error: unknown) => log.warn(`status not written: ${String(error)}`))
    },
    written: () => writing,
  }
}
