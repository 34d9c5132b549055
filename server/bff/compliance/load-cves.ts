import type { CveFacts } from '@rebootless/shared/domain/compliance/fleet-at-moment.ts'
import type { Severity } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { millisecondsOf, standsAt } from './standing-rows.ts'

/** What feeds said of these at a moment, as far as due dates depend on it. */
export const loadCves = async (
  reading: Transaction<DatabaseSchema>,
  at: Date,
  ids: readonly string[],
): Promise<Map<string, CveFacts>> => {
  const { rows } = await sql<{
    cve_id: string
    severity: Severity
    published_on: string | null
    known_exploited_on: string | null
  }>`
    select cve_id, severity, published_on, known_exploited_on from cve_facts
    where cve_id = any(${ids}) and ${standsAt(at)}`.execute(reading)
  return new Map(
    rows.map(({ cve_id: id, severity, published_on, known_exploited_on }) => [
      id,
      {
        ...{ id, severity, publishedAt: millisecondsOf(published_on) },
        knownExploitedAt: millisecondsOf(known_exploited_on),
      },
    ]),
  )
}
