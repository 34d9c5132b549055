import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { parseFilter } from '@rebootless/shared/domain/filter.ts'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { filterConditions } from '../hosts/filter-sql.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { readClassShares } from './class-shares.ts'

/** Which hosts, and when. `at` null: now. */
export interface AskedHosts {
  readonly scope: HostScope
  readonly filter: string
  readonly at: Date | null
}

/** What is recorded of a host beside its readings, and so can be asked of the past. */
const WORDS_OF_THE_PAST = ['name', 'label', 'origin', 'kernel', 'arch']

const requireWordsOfThePast = (filter: string): void => {
  const parsed = parseFilter(filter)
  const other = parsed.ok ? parsed.words.find(({ key }) => !WORDS_OF_THE_PAST.includes(key)) : undefined
  if (other === undefined) return
  const known = 'name, label.KEY, origin, kernel and arch'
  throw new DomainError(
    'filter_invalid',
    `“${other.key}” is not recorded of the past: use ${known}, or leave the moment out.`,
  )
}

/** Half-open, as every period here. */
export const holdsAt = (at: Date | null, table: string): RawBuilder<boolean> => {
  const from = sql.ref(`${table}.from_at`)
  const to = sql.ref(`${table}.to_at`)
  return at === null ? sql<boolean>`${to} is null` : sql<boolean>`${from} <= ${at} and (${to} is null or ${to} > ${at})`
}

/**
 * Hosts that had been read, as rows named `hosts`: `id`, `name`, `name_sort`, `origin`, `labels`, `class_id`, `doubts`, `read_at`,
 * `from_at`, `removed`. Of a past moment by name, labels and class as they were; whoever has a scope sees there what it would
 * have held then.
 * @throws DomainError `filter_invalid`
 */
export const hostRows = ({ scope, filter, at }: AskedHosts): RawBuilder<unknown> => {
  const conditions = [scope.condition, ...filterConditions(filter)]
  if (at !== null) requireWordsOfThePast(filter)
  const rows =
    at === null
      ? sql`(select hosts.*, placed.class_id, placed.doubts, placed.from_at, false as removed
          from host_exposure as placed join hosts on hosts.id = placed.host_id where placed.to_at is null)`
      : recordedRows(holdsAt(at, 'placed'))
  return sql`(select * from ${rows} as hosts where ${sql.join(conditions, sql` and `)}) as hosts`
}

/** "offset 0" keeps it apart (PostgreSQL's planner pulls other subqueries up): facts are long, and read once a class and not once a row. */
const CLASS_KERNELS = sql`(select id, facts ->> 'release' as kernel_release, facts ->> 'architecture' as architecture
  from exposure_classes offset 0) as classes`

/** Of `host_exposure as placed`, with all that can be asked of the past. */
const recordedRows = (condition: RawBuilder<boolean>): RawBuilder<unknown> =>
  sql`(select placed.host_id as id, placed.host_name as name, left(lower(placed.host_name), 48) as name_sort,
      placed.origin, placed.labels, placed.class_id, placed.doubts, placed.read_at, placed.from_at, placed.to_at,
      classes.kernel_release, classes.architecture,
      not exists (select from hosts as present where present.id = placed.host_id) as removed
    from host_exposure as placed join ${CLASS_KERNELS} on classes.id = placed.class_id
    where ${condition})`

/**
 * All that is recorded of hosts until a moment, as rows named `hosts`: those of `hostRows`, with `to_at`. A row counts where scope
 * and filter held its host as it was then.
 * @throws DomainError `filter_invalid`
 */
export const hostPeriodRows = ({ scope, filter }: Omit<AskedHosts, 'at'>, until: Date): RawBuilder<unknown> => {
  requireWordsOfThePast(filter)
  const conditions = [scope.condition, ...filterConditions(filter)]
  return sql`(select * from ${recordedRows(sql<boolean>`placed.from_at < ${until}`)} as hosts
    where ${sql.join(conditions, sql` and `)}) as hosts`
}

export interface ClassHosts {
  readonly classId: string
  readonly count: number
  /** Since when the first of them is in it. */
  readonly since: Date
}

/** How many of the hosts are in each class. */
export const readClassHosts = async (database: Kysely<DatabaseSchema>, asked: AskedHosts): Promise<ClassHosts[]> => {
  const isWhole = asked.at === null && asked.scope.text === null && asked.filter === ''
  // A removed host has no open row, so hosts need no look.
  if (isWhole) return readClassShares(database)
  const { rows } = await sql<{ class_id: string; count: string; since: Date }>`
    select class_id, count(*) as count, min(from_at) as since from ${hostRows(asked)} group by class_id`.execute(
    database,
  )
  return rows.map(({ class_id: classId, count, since }) => ({ classId, count: Number(count), since }))
}
