import { type Kysely, sql } from 'kysely'
import { type Accepted, acceptedAt } from '../compliance/accepted.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { type AskedHosts, hostRows } from './host-rows.ts'
import type { KnownCve } from './known-cves.ts'

/** How many hosts of each class have an exception for a CVE, whatever it is to them; undefined: none has one. */
export type AcceptedHosts = (cve: KnownCve) => ReadonlyMap<string, number> | undefined

/** One look at the hosts for all CVEs, however many exceptions there are. */
export const readAcceptedHosts = async (
  database: Kysely<DatabaseSchema>,
  asked: AskedHosts,
  cves: Iterable<KnownCve>,
  asOf: Date,
): Promise<AcceptedHosts> => {
  const accepted = await acceptedAt(database, asked.at ?? asOf)
  const conditions = new Map<string, ReturnType<Accepted['condition']>>()
  for (const cve of cves) {
    const words = accepted.wordsFor(cve)
    if (words !== null && !conditions.has(words)) conditions.set(words, accepted.condition(cve))
  }
  if (conditions.size === 0) return () => undefined
  const all = [...conditions]
  const columns = all.map(
    ([, condition], index) => sql`count(*) filter (where ${condition}) as ${sql.ref(`accepted_${index}`)}`,
  )
  const { rows } = await sql<{ class_id: string } & Record<string, string>>`
    select class_id, ${sql.join(columns)} from ${hostRows(asked)} group by class_id`.execute(database)
  const counts = new Map(
    all.map(([words], index) => [
      words,
      new Map(rows.map((row) => [row.class_id, Number(row[`accepted_${index}`] ?? 0)])),
    ]),
  )
  return (cve) => counts.get(accepted.wordsFor(cve) ?? '')
}
