import type { ExposureDone } from '@rebootless/shared/contract/exposure-change.ts'
import { tallyOf } from '@rebootless/shared/domain/exposure-change/tally.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { readWeights } from './weights.ts'

/** A host is judged soon after it is read, which may be after the rollout that changed it has ended. */
const JUDGED_WITHIN_MS = 10 * 60_000

const standing = (name: string, at: Date) =>
  sql<boolean>`(${sql.ref(`${name}.from_at`)} <= ${at} and (${sql.ref(`${name}.to_at`)} is null or ${sql.ref(`${name}.to_at`)} > ${at}))`
const OPEN = sql`('exposed', 'fixed_on_disk')`

/**
 * What a livepatch closed on these hosts between two moments, and what was open again because none had it any more. Only a host
 * whose facts became others counts, so that a feed that says something else meanwhile closes nothing here, nor does a boot.
 */
export const readDone = async (
  database: Kysely<DatabaseSchema>,
  hosts: readonly string[],
  started: Date,
  ended: Date | null,
  now: Date,
): Promise<ExposureDone> => {
  const to = ended === null ? now : new Date(Math.min(now.getTime(), ended.getTime() + JUDGED_WITHIN_MS))
  const { rows } = await sql<{ hosts: string[]; closed: string[] | null; opened: string[] | null }>`
    with moved as (
      select was.class_id as was_id, became.class_id as became_id, array_agg(was.host_id::text) as hosts
      from host_exposure as was join host_exposure as became on became.host_id = was.host_id
      where was.host_id = any(${[...hosts]}::uuid[]) and ${standing('was', started)} and ${standing('became', to)}
        and was.class_id <> became.class_id
      group by was.class_id, became.class_id
    )
    select moved.hosts,
      array_agg(was.cve_id) filter (where was.status in ${OPEN}) as closed,
      array_agg(was.cve_id) filter (where became.status in ${OPEN}) as opened
    from moved
    join exposure_verdicts as was on was.class_id = moved.was_id and ${standing('was', started)}
    join exposure_verdicts as became on became.class_id = moved.became_id and became.cve_id = was.cve_id
      and ${standing('became', to)}
    where (was.status in ${OPEN} and became.status = 'fixed_by_livepatch')
      or (was.status = 'fixed_by_livepatch' and became.status in ${OPEN})
    group by moved.was_id, moved.became_id, moved.hosts`.execute(database)
  const weights = await readWeights(database, [
    ...new Set(rows.flatMap(({ closed, opened }) => [...(closed ?? []), ...(opened ?? [])])),
  ])
  const tally = (of: 'closed' | 'opened') =>
    tallyOf(
      rows.map((row) => ({ hosts: row.hosts, cves: row[of] ?? [] })),
      weights,
    )
  return { from: started.toISOString(), to: to.toISOString(), closed: tally('closed'), opened: tally('opened') }
}
