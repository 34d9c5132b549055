import { type Selectable, sql, type Transaction, type Updateable } from 'kysely'
import type { DatabaseSchema, HostsTable } from '../database/schema.ts'
import type { DerivedHost } from './derive-host.ts'

type HostRow = Selectable<HostsTable>

export interface NewRow {
  readonly before: HostRow
  /** As it was derived; columns of JSON are given as its text. */
  readonly columns: DerivedHost['columns']
  readonly others: Pick<HostRow, 'id' | 'last_seen_at'> & { readonly revision: number } & Updateable<HostsTable>
}

const isSame = (left: unknown, right: unknown): boolean => {
  if (left instanceof Date && right instanceof Date) return left.getTime() === right.getTime()
  if (!Array.isArray(left) || !Array.isArray(right)) return left === right
  return left.length === right.length && left.every((one, index) => one === right[index])
}

/** Whether a column would hold something else than before. */
export const differs = (before: HostRow, column: keyof HostsTable, value: unknown): boolean =>
  column === 'patches' || column === 'transition'
    ? JSON.stringify(before[column]) !== (value ?? 'null')
    : !isSame(before[column], value)

/** What the next sample of a transition changes, and mostly nothing else: a thousand hosts may say one each second. */
const SAMPLED = new Set<string>([
  'id',
  'last_seen_at',
  'revision',
  'transition',
  'tasks_total',
  'tasks_remaining',
  'state_reason',
] satisfies (keyof HostsTable)[])

const areSampledOnly = (before: HostRow, columns: Updateable<HostsTable>): boolean =>
  Object.entries(columns).every(
    ([column, value]) => SAMPLED.has(column) || !differs(before, column as keyof HostsTable, value),
  )

/**
 * Writes rows that are there and locked, by statements whose text is the same however many they are: PostgreSQL reads such a one
 * sooner than one with a parameter for each value.
 */
export const writeRows = async (transaction: Transaction<DatabaseSchema>, rows: readonly NewRow[]): Promise<void> => {
  const [sampled, others]: [NewRow[], NewRow[]] = [[], []]
  for (const row of rows) {
    const isSampled = areSampledOnly(row.before, row.columns) && areSampledOnly(row.before, row.others)
    ;(isSampled ? sampled : others).push(row)
  }
  await writeSampled(transaction, sampled)
  await writeWhole(transaction, others)
}

const writeSampled = async (transaction: Transaction<DatabaseSchema>, rows: readonly NewRow[]): Promise<void> => {
  if (rows.length === 0) return
  const column = <T>(of: (row: NewRow) => T) => rows.map(of)
  await sql`
    update hosts set transition = made.transition, tasks_total = made.tasks_total, tasks_remaining = made.tasks_remaining,
      state_reason = made.state_reason, last_seen_at = made.last_seen_at, revision = made.revision
    from unnest(
      ${column(({ others }) => others.id)}::uuid[], ${column(({ columns }) => columns.transition ?? null)}::json[],
      ${column(({ columns }) => columns.tasks_total)}::integer[],
      ${column(({ columns }) => columns.tasks_remaining)}::integer[],
      ${column(({ columns }) => columns.state_reason)}::text[],
      ${column(({ others }) => others.last_seen_at)}::timestamptz[], ${column(({ others }) => others.revision)}::bigint[]
    ) as made (id, transition, tasks_total, tasks_remaining, state_reason, last_seen_at, revision)
    where hosts.id = made.id`.execute(transaction)
}

/** What hosts named comes apart: as JSON it may hold what text cannot. */
const writeWhole = async (transaction: Transaction<DatabaseSchema>, rows: readonly NewRow[]): Promise<void> => {
  const whole = rows.map(({ columns: { patches, transition = null, ...columns }, others }) => {
    return { patches, transition, plain: { ...columns, ...others } }
  })
  const [first] = whole
  if (first === undefined) return
  const { id: _, ...plain } = first.plain
  const set = Object.keys(plain).map((column) => sql`${sql.ref(column)} = made.${sql.ref(column)}`)
  await sql`
    update hosts set patches = named.patches, transition = named.transition, ${sql.join(set)}
    from json_populate_recordset(null::hosts, ${JSON.stringify(whole.map(({ plain }) => plain))}) as made,
      unnest(${whole.map(({ plain }) => plain.id)}::uuid[], ${whole.map(({ patches }) => patches)}::json[],
        ${whole.map(({ transition }) => transition)}::json[]) as named (id, patches, transition)
    where hosts.id = made.id and named.id = made.id`.execute(transaction)
}
