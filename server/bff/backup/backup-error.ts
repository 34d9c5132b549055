/** A backup or a restore could not be done; the message says why and what to do, and holds no secret. */
export class BackupError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'BackupError'
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
