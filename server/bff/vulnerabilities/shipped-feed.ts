import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { FeedFileError } from './feed-files.ts'
import type { FeedWork } from './read-apart.ts'
import { storedOutcomeOf } from './stored-outcome.ts'

/** Of the one feed that has no location. Fixed, so that two backends which start at once make one. */
const SHIPPED_ID = '0c1d2b6a-7a52-4a57-9d0f-5e1b4c3a2f10'
export const SHIPPED_NAME = 'Shipped with Rebootless'

/** @throws FeedFileError */
export const readShippedFeed = async (
  file: string | undefined,
): Promise<{ source: FeedWork['source']; version: string }> => {
  const bytes = file === undefined ? undefined : await readFile(file).catch(() => undefined)
  if (bytes === undefined) throw new FeedFileError('The facts that ship with this program are not where it was built.')
  const version = createHash('sha256').update(bytes).digest('base64url')
  return { source: { bytes: new Uint8Array(bytes), name: 'facts.jsonl' }, version }
}

/** Makes the feed at the first start, and has it read again when this program ships other facts than were read. */
export const offerShippedFeed = async (
  database: Kysely<DatabaseSchema>,
  file: string | undefined,
  now: Date,
): Promise<void> => {
  if (file === undefined) return
  const { version } = await readShippedFeed(file)
  await database
    .insertInto('cve_feeds')
    .values({
      ...{ id: SHIPPED_ID, name: SHIPPED_NAME, kind: 'rebootless', location: null, every_minutes: null, enabled: true },
      ...{ created_by_name: 'rebootless', created_at: now, next_at: now },
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
  const { outcome } = await database
    .selectFrom('cve_feeds')
    .select('outcome')
    .where('id', '=', SHIPPED_ID)
    .executeTakeFirstOrThrow()
  if (storedOutcomeOf(outcome)?.version === version) return
  await database.updateTable('cve_feeds').set({ next_at: now }).where('id', '=', SHIPPED_ID).execute()
}
