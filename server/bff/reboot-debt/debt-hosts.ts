import type { RebootDebtHost, RebootDebtReason, RebootPlan } from '@rebootless/shared/contract/reboot-debt.ts'
import type { DebtAnswer, RebootReason } from '@rebootless/shared/domain/reboot-debt/reboot-debt-words.ts'
import { afterCoverage, coverageEndedReason } from '@rebootless/shared/domain/reboot-need.ts'
import { counted, listed } from '@rebootless/shared/domain/sentence.ts'
import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { type HostHistory, readHostHistory } from '../exposure/host-history.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import type { DebtGroup } from './debt-groups.ts'

const WORST_SHOWN = 5
const worstOf = (cves: readonly string[]) => cves.slice(0, WORST_SHOWN)

interface PlacedHost {
  readonly id: string
  readonly group: DebtGroup
}

const selectHosts = (database: Kysely<DatabaseSchema>, scope: HostScope, ids: readonly string[]) =>
  database
    .selectFrom('hosts')
    .leftJoin('host_reboot_debts as debt', 'debt.host_id', 'hosts.id')
    .leftJoin('reboot_plans as plan', (join) =>
      join.onRef('plan.host_id', '=', 'hosts.id').on('plan.ended_at', 'is', null),
    )
    .select(['hosts.id', 'hosts.name', 'hosts.origin', 'hosts.labels', 'hosts.kernel_release', 'hosts.read_at'])
    .select(['debt.reasons', 'debt.coverage_until', 'debt.coverage_provider', 'debt.booted_at'])
    .select(['plan.id as plan_id', 'plan.planned_on', 'plan.owner', 'plan.reason', 'plan.set_by_name', 'plan.set_at'])
    .where('hosts.id', 'in', [...ids])
    .where(scope.condition)
    .execute()

type Row = Awaited<ReturnType<typeof selectHosts>>[number]

/** Each with its reasons in words, in the order in which they were given. */
export const readDebtHosts = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  placed: readonly PlacedHost[],
  now: Date,
): Promise<RebootDebtHost[]> => {
  if (placed.length === 0) return []
  const ids = placed.map(({ id }) => id)
  const rows = new Map((await selectHosts(database, scope, ids)).map((row) => [row.id, row]))
  const cves = placed.map(
    ({ id, group: { cves: of } }) => [id, [of.cvesOnDisk, of.cvesWithoutLivepatch].flatMap(worstOf)] as const,
  )
  const history = await readHostHistory(database, new Map(cves), now)
  return placed.flatMap(({ id, group }) => {
    const row = rows.get(id)
    return row === undefined ? [] : [viewOf(row, group, history, now)]
  })
}

const viewOf = (row: Row, group: DebtGroup, history: HostHistory, now: Date): RebootDebtHost => ({
  ...{ id: row.id, name: row.name, origin: row.origin, labels: row.labels, kernelRelease: row.kernel_release },
  answer: group.answer,
  reasons: [...group.reasons].map(([reason, answer]) => reasonView(row, reason, answer, group, history, now)),
  coverageUntil: row.coverage_until,
  plan: planOf(row, now),
  ...{ bootedAt: row.booted_at?.toISOString() ?? null, readAt: row.read_at?.toISOString() ?? null },
})

const planOf = (row: Row, now: Date): RebootPlan | null => {
  const { plan_id: id, planned_on: on, owner, reason, set_by_name: setBy, set_at } = row
  if (id === null || on === null || owner === null || reason === null || setBy === null || set_at === null) return null
  return { id, on, owner, reason, setBy, setAt: set_at.toISOString(), overdue: on < now.toISOString().slice(0, 10) }
}

const reasonView = (
  row: Row,
  reason: RebootReason,
  answer: DebtAnswer,
  { cves }: DebtGroup,
  history: HostHistory,
  now: Date,
): RebootDebtReason => {
  if (reason === 'cve_on_disk') {
    const why = (what: string, has: string) => `${what} open, and an installed kernel that does not run ${has}.`
    return ofCves(row, { reason, answer }, cves.cvesOnDisk, 'fixed_on_disk', why, history, now)
  }
  if (reason === 'cve_without_livepatch') {
    const why = (what: string) => `${what} open; a newer kernel has the fix, and no livepatch for this one does.`
    return ofCves(row, { reason, answer }, cves.cvesWithoutLivepatch, 'exposed', why, history, now)
  }
  const kept = row.reasons?.find((one) => one.reason === reason)
  if (kept !== undefined) return { ...kept, answer, cves: null }
  // Only the end of coverage comes without the host saying anything: its day was told before.
  const coverage = { name: row.coverage_provider ?? '', coverageUntil: row.coverage_until }
  return {
    ...{ reason, answer, since: afterCoverage(row.coverage_until) ?? now.toISOString(), sinceIs: 'told', cves: null },
    why: coverageEndedReason(coverage, row.kernel_release),
  }
}

const ofCves = (
  { id }: Row,
  of: Pick<RebootDebtReason, 'reason' | 'answer'>,
  cves: readonly string[],
  status: 'fixed_on_disk' | 'exposed',
  why: (what: string, has: string) => string,
  history: HostHistory,
  now: Date,
): RebootDebtReason => {
  const worst = worstOf(cves)
  const since = worst.reduce(
    (first, cve) => Math.min(first, history.since(id, cve, status)?.getTime() ?? first),
    now.getTime(),
  )
  const what = cves.length > 3 ? counted(cves.length, 'CVE') : listed(cves)
  const isOne = cves.length === 1
  return {
    ...{ ...of, since: new Date(since).toISOString(), sinceIs: 'told' },
    why: why(`${what} ${isOne ? 'is' : 'are'}`, isOne ? 'has the fix' : 'has the fixes'),
    cves: { worst, count: cves.length },
  }
}
