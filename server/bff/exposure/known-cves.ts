import type { CveBrief } from '@rebootless/shared/contract/cves.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { CVE_FACT_COLUMNS, type CveFacts } from './cve-facts.ts'
import { holdsAt } from './host-rows.ts'

/** A CVE as lists show it. */
export interface KnownCve extends CveBrief {
  readonly scoredBy: string | null
}

interface Known {
  readonly known: ReadonlyMap<string, KnownCve>
  /** FIRST's newest score. */
  readonly epss: ReadonlyMap<string, number>
}

export interface KnownCves {
  /** By id, as feeds say now or said then. */
  at(at: Date | null): Promise<Known>
}

const knownCve = (row: CveFacts): KnownCve => ({
  ...{ id: row.cve_id, title: row.title, severity: row.severity, score: row.score, scoredBy: row.scored_by },
  ...{ publishedOn: row.published_on, knownExploitedOn: row.known_exploited_on, rejected: row.rejected },
})

export const briefOf = ({ scoredBy: _, ...brief }: KnownCve): CveBrief => brief

/** All that lists say of CVEs; of now it is kept until feeds say something else. */
export const createKnownCves = (database: Kysely<DatabaseSchema>): KnownCves => {
  let kept: (Known & { version: string }) | undefined
  const read = async (at: Date | null): Promise<Known> => {
    const [rows, epss] = await Promise.all([
      database
        .selectFrom('cve_facts')
        .select(CVE_FACT_COLUMNS)
        .where(holdsAt(at, 'cve_facts'))
        .orderBy('cve_id')
        .execute(),
      readEpss(database, at),
    ])
    return { known: new Map(rows.map((row) => [row.cve_id, knownCve(row)])), epss }
  }
  return {
    async at(at) {
      if (at !== null) return read(at)
      const state = await database
        .selectFrom('exposure_state')
        .select(['facts_version', 'pass', 'judged_pass'])
        .executeTakeFirstOrThrow()
      const version = `${state.facts_version} ${state.pass} ${state.judged_pass}`
      if (kept?.version !== version) kept = { version, ...(await read(null)) }
      return kept
    },
  }
}

const readEpss = async (database: Kysely<DatabaseSchema>, at: Date | null): Promise<ReadonlyMap<string, number>> => {
  const { rows } = await sql<{ cve_id: string; score: number }>`
    select distinct on (cve_id) cve_id, (body ->> 'score')::double precision as score from cve_statements
    where kind = 'epss' and ${holdsAt(at, 'cve_statements')}
    order by cve_id, body ->> 'scoredOn' desc`.execute(database)
  return new Map(rows.map(({ cve_id, score }) => [cve_id, score]))
}

/** How far judging is, as pages say it. */
export const readJudged = async (
  database: Kysely<DatabaseSchema>,
  /** Locks are seen nowhere else. */
  primary: Kysely<DatabaseSchema>,
  lock: number,
) => {
  const [state, held] = await Promise.all([
    database.selectFrom('exposure_state').select('judged_at').executeTakeFirst(),
    sql<{ judging: boolean }>`select exists (
      select from pg_locks where locktype = 'advisory' and classid = 0 and objid = ${lock} and granted
        and database = (select oid from pg_database where datname = current_database())
    ) as judging`.execute(primary),
  ])
  return { judgedAt: state?.judged_at?.toISOString() ?? null, judging: held.rows[0]?.judging === true }
}
