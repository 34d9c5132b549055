import type { CveWeight } from '@rebootless/shared/domain/exposure-change/tally.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

/** How bad feeds say now that these CVEs are. */
export const readWeights = async (
  database: Kysely<DatabaseSchema>,
  cves: readonly string[],
): Promise<ReadonlyMap<string, CveWeight>> => {
  const rows = await database
    .selectFrom('cve_facts')
    .select(['cve_id', 'severity', 'known_exploited_on'])
    .where('to_at', 'is', null)
    .where(sql<boolean>`cve_id = any(${[...cves]}::text[])`)
    .execute()
  return new Map(
    rows.map((row) => [row.cve_id, { severity: row.severity, knownExploited: row.known_exploited_on !== null }]),
  )
}
