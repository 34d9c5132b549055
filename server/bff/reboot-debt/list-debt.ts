import type {
  RebootDebtCounts,
  RebootDebtHost,
  RebootDebtList,
  RebootDebtQuery,
} from '@rebootless/shared/contract/reboot-debt.ts'
import { debtSentence } from '@rebootless/shared/domain/reboot-debt/debt-sentence.ts'
import { REBOOT_REASONS } from '@rebootless/shared/domain/reboot-debt/reboot-debt-words.ts'
import { REBOOT_ANSWERS, type RebootAnswer } from '@rebootless/shared/domain/words.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { decodeCursor, encodeCursor } from '../hosts/cursor.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import type { ClassCvesReader } from './class-cves.ts'
import { type DebtGroup, type DebtGroups, readGroups } from './debt-groups.ts'
import { readDebtHosts } from './debt-hosts.ts'

/** What is not covered first; what is not known before what needs nothing. */
const RANKED: readonly RebootAnswer[] = ['yes', 'yes_but_covered', 'unknown', 'no']

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const isKey = ([rank = '', name, id = '', ...rest]: readonly string[]) =>
  /^[0-3]$/.test(rank) && name !== undefined && name.length <= 64 && UUID.test(id) && rest.length === 0

const sum = (groups: readonly DebtGroup[], of: (group: DebtGroup) => number) =>
  groups.reduce((all, group) => all + of(group), 0)

const countsOf = (groups: readonly DebtGroup[]): RebootDebtCounts => {
  const hosts = (some: readonly DebtGroup[]) => sum(some, (group) => group.hosts)
  const answering = (answer: RebootAnswer) => groups.filter((group) => group.answer === answer)
  return {
    hosts: hosts(groups),
    byAnswer: Object.fromEntries(
      REBOOT_ANSWERS.map((answer) => [answer, hosts(answering(answer))]),
    ) as RebootDebtCounts['byAnswer'],
    byReason: REBOOT_REASONS.map((reason) => {
      const having = groups.filter(({ reasons }) => reasons.has(reason))
      const covered = having.filter(({ answer }) => answer === 'yes_but_covered')
      return { reason, hosts: hosts(having), covered: hosts(covered) }
    }),
    plans: {
      planned: sum(groups, ({ planned }) => planned),
      overdue: sum(groups, ({ overdue }) => overdue),
      unplanned: sum(answering('yes'), (group) => group.hosts - group.planned),
    },
  }
}

interface Placed {
  readonly id: string
  readonly name_sort: string
  readonly key: string
  readonly rank: number
}

/** So many times what a page holds make it likely that the first hosts by name fill it, whatever else is asked for. */
const PLENTY = 10

const readPlaced = async (
  database: Kysely<DatabaseSchema>,
  { wanted, rows, rowsByName }: DebtGroups,
  after: readonly string[] | undefined,
  limit: number,
): Promise<readonly Placed[]> => {
  const [afterRank, afterName, afterId] = after ?? ['0']
  const ranked = RANKED.map((answer, rank) => ({ rank, groups: wanted.filter((group) => group.answer === answer) }))
    .map(({ rank, groups }) => ({ rank, keys: groups.map(({ key }) => key), hosts: sum(groups, ({ shown }) => shown) }))
    .filter(({ rank, hosts }) => rank >= Number(afterRank) && hosts > 0)
  const [first] = ranked
  if (first === undefined) return []
  if (first.hosts >= PLENTY * limit) {
    const behind =
      String(first.rank) === afterRank && after !== undefined
        ? sql<boolean>`(name_sort, id) > (${afterName}, ${afterId}::uuid)`
        : sql<boolean>`true`
    const { rows: found } = await sql<Placed>`
      select id, name_sort, key, ${first.rank}::int as rank from ${rowsByName(behind)}
      where key = any(${first.keys}::text[]) limit ${limit}`.execute(database)
    if (found.length === limit) return found
  }
  // Each list of keys is hashed once (PostgreSQL, "ScalarArrayOpExpr"); a join over so many would look at each pair.
  const ranks = ranked.map(({ rank, keys }) => sql`when key = any(${keys}::text[]) then ${rank}::int`)
  const behind =
    after === undefined
      ? sql`true`
      : sql`(rank, name_sort, id) > (${Number(afterRank)}::int, ${afterName}, ${afterId}::uuid)`
  const { rows: found } = await sql<Placed>`
    select id, name_sort, key, rank from (
      select id, name_sort, key, case ${sql.join(ranks, sql` `)} end as rank from ${rows}
    ) as ranked
    where rank is not null and ${behind} order by rank, name_sort, id limit ${limit}`.execute(database)
  return found
}

/** @throws DomainError `filter_invalid`, `cursor_invalid` */
export const listDebt = async (
  database: Kysely<DatabaseSchema>,
  classCves: ClassCvesReader,
  scope: HostScope,
  { limit, cursor, ...asked }: RebootDebtQuery,
  now: Date,
): Promise<RebootDebtList> => {
  const of = JSON.stringify(asked)
  const after = cursor === undefined ? undefined : decodeCursor(of, 'debt', cursor, isKey)
  const groupsOf = await readGroups(database, classCves, scope, asked, now)
  const { all, wanted } = groupsOf
  const found = await readPlaced(database, groupsOf, after, limit + 1)
  const page = found.slice(0, limit)
  const groups = new Map(wanted.map((group) => [group.key, group]))
  const placed = page.flatMap(({ id, key }) => {
    const group = groups.get(key)
    return group === undefined ? [] : [{ id, group }]
  })
  const last = page.at(-1)
  const counts = countsOf(all)
  const items: RebootDebtHost[] = await readDebtHosts(database, scope, placed, now)
  return {
    ...{ sentence: debtSentence(counts), counts, items, total: sum(wanted, ({ shown }) => shown) },
    nextCursor:
      found.length > limit && last !== undefined
        ? encodeCursor(of, 'debt', [String(last.rank), last.name_sort, last.id])
        : null,
    asOf: now.toISOString(),
  }
}
