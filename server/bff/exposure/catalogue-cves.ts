import type { CatalogueCves } from '@rebootless/shared/domain/exposure/exposure-facts.ts'
import { patchCves } from '@rebootless/shared/domain/patch-cves.ts'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { EXPOSURE_CHANNEL } from './exposure-channel.ts'

/** CVEs that the catalogue says these very modules fix, by srcversion. */
export const readCatalogueCves = async (
  database: Kysely<DatabaseSchema>,
  srcversions: readonly string[],
): Promise<CatalogueCves> => {
  const found = new Map<string, string[]>()
  if (srcversions.length === 0) return found
  const rows = await database
    .selectFrom('artefacts')
    .select(['srcversion', 'vendor_notes', 'hand_cves', sql<string[] | null>`facts->'cves'`.as('metadata')])
    .where('srcversion', 'in', [...new Set(srcversions)])
    .orderBy('sha256')
    .execute()
  for (const { srcversion, metadata, vendor_notes: vendorNotes, hand_cves: hand } of rows) {
    const cves = patchCves({ metadata: metadata ?? [], vendorNotes, hand }).map(({ cve }) => cve)
    if (srcversion !== null) found.set(srcversion, [...(found.get(srcversion) ?? []), ...cves])
  }
  return found
}

/** The catalogue says something else of a module now: its hosts are looked at again once this is committed. */
export const noteStaleModule = async (transaction: Transaction<DatabaseSchema>, name: string): Promise<void> => {
  await transaction.insertInto('exposure_stale_modules').values({ name }).execute()
  await sql`select pg_notify(${EXPOSURE_CHANNEL}, '')`.execute(transaction)
}
