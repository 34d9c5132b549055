/**
 * The database can't be used, and trying again changes nothing: `message` says what is wrong and what to do, in words
 * for the person who starts the program. Passing failures (a restart, a full pool) stay ordinary errors.
 */
export class DatabaseUnusableError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'DatabaseUnusableError'
  }
}
