import type { Logger } from 'pino'

/** What the database's ground writes to; any pino logger fits. */
export type DatabaseLog = Pick<Logger, 'info' | 'warn' | 'error'>
