import type { ComplianceSummary } from '@rebootless/shared/contract/compliance.ts'
import { SHIPPED_FACTS_DAY } from '@rebootless/shared/domain/exposure/shipped-facts.ts'
import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

/** The feeds that count now, by name: whoever signs for numbers has to see how old that is by which they were judged. */
export const readJudgedBy = async (
  database: Kysely<DatabaseSchema>,
): Promise<NonNullable<ComplianceSummary['judgedBy']>> => {
  const rows = await database
    .selectFrom('cve_feeds')
    .select(['name', 'location', 'read_at'])
    .where('enabled', '=', true)
    .orderBy('name')
    .execute()
  return rows.map(({ name, location, read_at }) => ({
    ...{ name, readAt: read_at?.toISOString() ?? null },
    factsUntil: location === null ? SHIPPED_FACTS_DAY : null,
  }))
}
