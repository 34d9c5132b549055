import { patchCves } from '@rebootless/shared/domain/patch-cves.ts'
import { sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

/** A module of the catalogue that fixes a CVE: for which release, and since when it is there. */
export interface CataloguedFix {
  readonly release: string
  readonly at: Date
}

/** Livepatches of one's own making, which no feed names. Those that are in the catalogue now count, since they were uploaded. */
export const readCataloguedFixes = async (
  reading: Transaction<DatabaseSchema>,
  cveId: string,
  until: Date,
): Promise<CataloguedFix[]> => {
  const rows = await reading
    .selectFrom('artefacts')
    .select(['uploaded_at', 'vendor_notes', 'hand_cves'])
    .select([
      sql<string>`split_part(vermagic, ' ', 1)`.as('release'),
      sql<string[] | null>`facts -> 'cves'`.as('metadata'),
    ])
    .where('uploaded_at', '<', until)
    .where(sql<boolean>`strpos(concat_ws(' ', facts ->> 'cves', vendor_notes, hand_cves::text), ${cveId}) > 0`)
    .execute()
  return rows
    .filter(({ metadata, vendor_notes: vendorNotes, hand_cves: hand }) =>
      patchCves({ metadata: metadata ?? [], vendorNotes, hand }).some(({ cve }) => cve === cveId),
    )
    .map(({ release, uploaded_at: at }) => ({ release, at }))
}
