import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

const DAY_MS = 86_400_000
/** More than a year, so that a year can be looked back upon. */
const KEPT_MS = 400 * DAY_MS

/** What is over for so long; with a group go its hosts and its timeline. */
export const pruneAlerts = async (database: Kysely<DatabaseSchema>, now: Date): Promise<void> => {
  const before = new Date(now.getTime() - KEPT_MS)
  await database.deleteFrom('alert_groups').where('resolved_at', '<', before).execute()
  await database.deleteFrom('alert_silences').where('ends_at', '<', before).execute()
}
