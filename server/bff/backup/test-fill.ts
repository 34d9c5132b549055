import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

interface Column {
  readonly table: string
  readonly name: string
  readonly type: string
  /** `table.column` that it names; null: none. */
  readonly names: string | null
  /** What a check allows it to be; null: there is none that lists it. */
  readonly check: string | null
}

/** Values that COPY's text has to write in its own way: tab, line break, backslash, what looks like null, the end of data. */
const TEXT = 'canary-of-a-row\t\\N \\. \r\n"ü" 漢'

const VALUES: Readonly<Record<string, string>> = {
  text: TEXT,
  uuid: '6f1c2a52-0000-4000-8000-00000000000a',
  'timestamp with time zone': '2026-11-26T12:00:00.123456Z',
  date: '2026-11-26',
  boolean: 'true',
  smallint: '-3',
  integer: '7',
  bigint: '9007199254740993',
  real: '0.25',
  'double precision': '0.1',
  numeric: '12345678901234567890.5',
  json: '{ "ours": true, "kept":  "as it is\\n" }',
  jsonb: '{"a": [1, null]}',
  bytea: '\\x00ff0a5c',
  interval: '3 days',
  'text[]': '{a,"b, c",NULL,"\\\\"}',
  'uuid[]': '{6f1c2a52-0000-4000-8000-00000000000a}',
  'integer[]': '{1,2}',
  'bigint[]': '{1,2}',
}

/** A check over several columns wants these to be null. */
const WITHOUT: ReadonlySet<string> = new Set(['compliance_exceptions.severity', 'compliance_exceptions.approved_by_id'])

/** Puts a row into every table that has none: of each type one value that is hard to write, and each reference good. */
export const fillEveryTable = async (database: Kysely<DatabaseSchema>): Promise<void> => {
  const { rows: columns } = await sql<Column>`
    select relname::text as table, attname::text as name, format_type(atttypid, null) as type,
      (select confrelid::regclass || '.' || (
          select attname from pg_attribute as far where far.attrelid = confrelid
            and far.attnum = confkey[array_position(conkey, near.attnum)]
        ) from pg_constraint where contype = 'f' and conrelid = pg_class.oid and near.attnum = any(conkey) limit 1
      ) as names,
      (select string_agg(pg_get_constraintdef(oid), ' ') from pg_constraint
        where contype = 'c' and conrelid = pg_class.oid and conkey = array[near.attnum]) as check
    from pg_class join pg_attribute as near on attrelid = pg_class.oid
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and not relispartition
      and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = ''
    order by relname, attnum`.execute(database)
  const tables = new Map<string, Column[]>()
  for (const column of columns) tables.set(column.table, [...(tables.get(column.table) ?? []), column])
  const filled = new Set<string>()
  const fill = async (table: string): Promise<void> => {
    if (filled.has(table)) return
    filled.add(table)
    const own = tables.get(table) ?? []
    for (const { names } of own) if (names !== null) await fill(names.split('.')[0] ?? '')
    const { rows } = await sql`select from ${sql.table(table)} limit 1`.execute(database)
    if (rows.length > 0) return
    const some = own.filter(({ name }) => !WITHOUT.has(`${table}.${name}`))
    await sql`insert into ${sql.table(table)} (${sql.join(some.map(({ name }) => sql.ref(name)))})
      values (${sql.join(some.map(columnValue))})`.execute(database)
  }
  for (const table of tables.keys()) await fill(table)
}

const columnValue = ({ table, name, type, names, check }: Column) => {
  if (names !== null) {
    const [far = '', column = ''] = names.split('.')
    return sql`(select ${sql.ref(column)} from ${sql.table(far)} limit 1)`
  }
  const allowed = /'([^']+)'::text/.exec(check ?? '')?.[1]
  const value = allowed ?? VALUES[type]
  if (value === undefined) throw new Error(`${table}.${name}: add a value of the type ${type}`)
  return sql`${value}::${sql.raw(type)}`
}
