import type { RebootDebtQuery } from '@rebootless/shared/contract/reboot-debt.ts'
import { type GroupDebt, groupDebt } from '@rebootless/shared/domain/reboot-debt/group-debt.ts'
import { DEBT_ANSWERS, type RebootReason } from '@rebootless/shared/domain/reboot-debt/reboot-debt-words.ts'
import type { RebootAnswer } from '@rebootless/shared/domain/words.ts'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { exceptionsAt } from '../compliance/exception-rows.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { filterConditions, wordCondition } from '../hosts/filter-sql.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import type { ClassCvesReader, OpenCves } from './class-cves.ts'

export type DebtAsked = Pick<RebootDebtQuery, 'filter' | 'reason' | 'answer' | 'plan' | 'day'>

/** Hosts that are alike in all that decides whether they need a boot. A fleet has hundreds of them. */
export interface DebtGroup extends GroupDebt {
  readonly key: string
  readonly cves: ReturnType<OpenCves['of']>
  readonly hosts: number
  readonly planned: number
  readonly overdue: number
  /** With the plan that is asked for. */
  readonly shown: number
}

export interface DebtGroups {
  /** Of scope and filter. */
  readonly all: readonly DebtGroup[]
  /** Those of them that are asked for. */
  readonly wanted: readonly DebtGroup[]
  /**
   * Hosts of scope, filter and plan as rows named `hosts`, each with the `key` of its group, `name_sort` and `planned_on`.
   */
  readonly rows: RawBuilder<unknown>
  /** The same in order, those that are `behind` something: who takes the first few of them makes PostgreSQL read no more. */
  readonly rowsByName: (behind: RawBuilder<boolean>) => RawBuilder<unknown>
}

interface GroupRow {
  readonly key: string
  readonly exposure_class: string | null
  readonly reboot: RebootAnswer
  readonly needs: RebootReason[]
  readonly can_wait: RebootReason[]
  readonly coverage_over: boolean
  readonly offered: string[]
  readonly accepting: string
  readonly hosts: string
  readonly planned: string
  readonly overdue: string
  readonly shown: string
}

const planCondition = ({ plan, day }: DebtAsked, today: string): RawBuilder<boolean> => {
  const conditions = [
    ...(plan === 'planned' ? [sql<boolean>`planned_on is not null`] : []),
    ...(plan === 'overdue' ? [sql<boolean>`planned_on < ${today}`] : []),
    ...(plan === 'none' ? [sql<boolean>`planned_on is null`] : []),
    ...(day === undefined ? [] : [sql<boolean>`planned_on = ${day}`]),
  ]
  return conditions.length === 0 ? sql<boolean>`true` : sql<boolean>`(${sql.join(conditions, sql` and `)})`
}

/** Who asks for a plan asks for all hosts that have it, whether they still need the boot or not. */
const isWanted = ({ answer, reasons }: GroupDebt, asked: DebtAsked): boolean => {
  if (asked.reason !== undefined && !reasons.has(asked.reason)) return false
  if (asked.answer !== undefined) return answer === asked.answer
  const hasPlan = asked.day !== undefined || asked.plan === 'planned' || asked.plan === 'overdue'
  return hasPlan || DEBT_ANSWERS.some((one) => one === answer)
}

/**
 * @param today as a day of UTC
 * @throws DomainError `filter_invalid`
 */
export const readGroups = async (
  database: Kysely<DatabaseSchema>,
  classCves: ClassCvesReader,
  scope: HostScope,
  asked: DebtAsked,
  now: Date,
): Promise<DebtGroups> => {
  const today = now.toISOString().slice(0, 10)
  const exceptions = await exceptionsAt(database, now)
  // One bit for each exception: whether it holds the host.
  const bits = exceptions.map(({ words }) =>
    words.length === 0
      ? sql`'1'`
      : sql`case when ${sql.join(words.map(wordCondition), sql` and `)} then '1' else '0' end`,
  )
  const all = sql`(
    select hosts.id, hosts.name_sort, hosts.exposure_class, hosts.reboot, coalesce(debt.needs, '{}') as needs,
      coalesce(debt.can_wait, '{}') as can_wait, coalesce(debt.coverage_until < ${today}, false) as coverage_over,
      coalesce(debt.offered_cves, '{}') as offered, ${bits.length === 0 ? sql`''` : sql`concat(${sql.join(bits)})`} as accepting,
      plan.planned_on
    from hosts left join host_reboot_debts as debt on debt.host_id = hosts.id
      left join reboot_plans as plan on plan.host_id = hosts.id and plan.ended_at is null
    where ${sql.join([scope.condition, ...filterConditions(asked.filter)], sql` and `)}
  ) as hosts`
  const key = sql`row (exposure_class, reboot, needs, can_wait, coverage_over, offered, accepting)::text`
  const shown = planCondition(asked, today)
  // Fenced by OFFSET 0, so that a key is made once for each host.
  const rows = (how: RawBuilder<unknown>) =>
    sql`(select id, name_sort, planned_on, ${key} as key from ${all} where ${shown} ${how} offset 0) as hosts`
  const { rows: found } = await sql<GroupRow>`
    select ${key} as key, exposure_class, reboot, needs, can_wait, coverage_over, offered, accepting, count(*) as hosts,
      count(planned_on) as planned, count(*) filter (where planned_on < ${today}) as overdue,
      count(*) filter (where ${shown}) as shown
    from ${all} group by exposure_class, reboot, needs, can_wait, coverage_over, offered, accepting`.execute(database)
  const classIds = [...new Set(found.flatMap(({ exposure_class }) => exposure_class ?? []))]
  const open = await classCves.read(classIds, exceptions)
  const groups = found.map((row): DebtGroup => {
    const cves = open.of(row.exposure_class, (index) => row.accepting[index] === '1', row.offered)
    const facts = { reboot: row.reboot, needs: row.needs, canWait: row.can_wait, coverageOver: row.coverage_over }
    return {
      ...{ key: row.key, cves, ...groupDebt({ ...facts, ...cves }) },
      ...{ hosts: Number(row.hosts), planned: Number(row.planned) },
      ...{ overdue: Number(row.overdue), shown: Number(row.shown) },
    }
  })
  return {
    all: groups,
    wanted: groups.filter((group) => isWanted(group, asked)),
    rows: rows(sql``),
    rowsByName: (behind) => rows(sql`and ${behind} order by name_sort, id`),
  }
}
