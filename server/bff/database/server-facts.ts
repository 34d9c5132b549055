import { DatabaseUnusableError } from './database-error.ts'

export interface ServerFacts {
  /** server_version_num, 150004 for 15.4. */
  version: number
  fsync: boolean
  /** No standby, and not set read-only. */
  writable: boolean
}

const VERSION_MIN = 150_000

/** @throws DatabaseUnusableError when a server is too old or takes no writes */
export function refuseServer({ version, writable }: ServerFacts): void {
  if (version < VERSION_MIN) {
    throw new DatabaseUnusableError(
      `The database server is PostgreSQL ${Math.floor(version / 10_000)}; Rebootless needs 15 or newer. ` +
        'Upgrade it, or unset DATABASE_URL to use the embedded one.',
    )
  }
  if (!writable) {
    throw new DatabaseUnusableError(
      'The database server is read-only (a standby, or default_transaction_read_only is on). ' +
        'Point DATABASE_URL at the primary.',
    )
  }
}
