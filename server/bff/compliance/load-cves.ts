import type { CveStatement } from '@rebootless/shared/contract/vulnerabilities.ts'
import type { CveFacts } from '@rebootless/shared/domain/compliance/fleet-at-moment.ts'
import { knownExploited, severityOf } from '@rebootless/shared/domain/exposure/severity.ts'
import { sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { millisecondsOf, standsAt } from './load-fleet.ts'

const CVES_AT_ONCE = 200

/** What feeds said of these at a moment, as far as due dates depend on it; descriptions stay where they are. */
export const loadCves = async (
  reading: Transaction<DatabaseSchema>,
  at: Date,
  ids: readonly string[],
): Promise<Map<string, CveFacts>> => {
  const cves = new Map<string, CveFacts>()
  for (let from = 0; from < ids.length; from += CVES_AT_ONCE) {
    const some = ids.slice(from, from + CVES_AT_ONCE)
    const { rows } = await sql<{ cve_id: string; body: CveStatement }>`
      select cve_id, case kind when 'kev' then body else json_build_object(
        'kind', kind, 'scores', body -> 'scores', 'publishedOn', body -> 'publishedOn'
      ) end as body
      from cve_statements where cve_id = any(${some}) and kind in ('record', 'kev') and ${standsAt(at)}
      order by id`.execute(reading)
    const statementsOf = new Map<string, CveStatement[]>(some.map((id) => [id, []]))
    for (const { cve_id, body } of rows) statementsOf.get(cve_id)?.push(body)
    for (const [id, statements] of statementsOf) cves.set(id, factsOf(id, statements))
  }
  return cves
}

const factsOf = (id: string, bodies: readonly CveStatement[]): CveFacts => {
  const said = { id, statements: bodies.map((statement) => ({ statement, from: NOBODY })) }
  const published = bodies.flatMap((body) => (body.kind === 'record' ? (body.publishedOn ?? []) : [])).sort()
  return {
    ...{ id, severity: severityOf(said).severity, publishedAt: millisecondsOf(published[0] ?? null) },
    knownExploitedAt: millisecondsOf(knownExploited(said)?.addedOn ?? null),
  }
}

/** Whose word it is decides neither. */
const NOBODY = { feed: '', kind: 'rebootless', document: '', publishedOn: null, readAt: '' } as const
