import type { HostListQuery } from '@rebootless/shared/contract/host.ts'
import { type RawBuilder, sql } from 'kysely'

type Column = 'rank' | 'name' | 'kernel' | 'seen' | 'since' | 'id'

/** How each part of an order is written in SQL, and how its text in a cursor becomes SQL again. */
const COLUMNS: Readonly<
  Record<Column, { column: RawBuilder<unknown>; text: RawBuilder<string>; type: RawBuilder<unknown> }>
> = {
  rank: { column: sql`hosts.state_rank`, text: sql`hosts.state_rank::text`, type: sql`smallint` },
  name: { column: sql`hosts.name_sort`, text: sql`hosts.name_sort`, type: sql`text collate "C"` },
  kernel: { column: sql`hosts.kernel_sort`, text: sql`hosts.kernel_sort`, type: sql`text collate "C"` },
  seen: {
    // A host never seen counts as seen longest ago.
    column: sql`coalesce(hosts.last_seen_at, timestamptz 'epoch')`,
    text: sql`(extract(epoch from coalesce(hosts.last_seen_at, timestamptz 'epoch')) * 1000000)::bigint::text`,
    type: sql`timestamptz`,
  },
  since: {
    column: sql`hosts.state_since`,
    text: sql`(extract(epoch from hosts.state_since) * 1000000)::bigint::text`,
    type: sql`timestamptz`,
  },
  id: { column: sql`hosts.id`, text: sql`hosts.id::text`, type: sql`uuid` },
}

const ORDERS = {
  state: ['rank', 'name', 'id'],
  name: ['name', 'id'],
  kernel: ['kernel', 'name', 'id'],
  lastSeen: ['seen', 'name', 'id'],
  stateSince: ['since', 'name', 'id'],
} as const satisfies Record<string, readonly Column[]>

export interface HostOrder {
  readonly columns: readonly Column[]
  readonly descending: boolean
}

/** All parts run the same way, so that one row comparison finds where a page begins (PostgreSQL, 9.25.5). */
export const hostOrder = (sort: HostListQuery['sort']): HostOrder => {
  const descending = sort.startsWith('-')
  const key = (descending ? sort.slice(1) : sort) as keyof typeof ORDERS
  return { columns: ORDERS[key], descending }
}

export const orderBy = ({ columns, descending }: HostOrder): RawBuilder<unknown> =>
  sql.join(columns.map((name) => sql`${COLUMNS[name].column} ${descending ? sql`desc` : sql`asc`}`))

/** The key of a row, as text, for a cursor. */
export const keyTexts = ({ columns }: HostOrder): RawBuilder<string[]> =>
  sql<string[]>`array[${sql.join(columns.map((name) => COLUMNS[name].text))}]`

const literal = (name: Column, text: string) => {
  if (name === 'seen' || name === 'since')
    return sql`(timestamptz 'epoch' + ${text}::bigint * interval '1 microsecond')`
  return sql`${text}::${COLUMNS[name].type}`
}

/** What each part of a key may look like, so that a made-up cursor is refused here and not by the database. */
const SHAPES: Readonly<Record<Column, RegExp>> = {
  rank: /^\d{1,4}$/,
  name: /^[^\0]{0,64}$/u,
  kernel: /^[^\0]{0,64}$/u,
  seen: /^\d{1,17}$/,
  since: /^-?\d{1,17}$/,
  id: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
}

export const isKey = ({ columns }: HostOrder, texts: readonly string[]): boolean =>
  texts.length === columns.length && columns.every((name, index) => SHAPES[name].test(texts[index] ?? ''))

/** Rows behind the one with this key. */
export const behind = (order: HostOrder, texts: readonly string[]): RawBuilder<boolean> => {
  const columns = sql.join(order.columns.map((name) => COLUMNS[name].column))
  const values = sql.join(order.columns.map((name, index) => literal(name, texts[index] ?? '')))
  return sql<boolean>`(${columns}) ${order.descending ? sql`<` : sql`>`} (${values})`
}
