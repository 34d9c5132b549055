import { createHash } from 'node:crypto'
import type { HostToDoubt } from '@rebootless/shared/domain/exposure/exposure-doubts.ts'
import { type HostReason, hostDebt } from '@rebootless/shared/domain/reboot-debt/host-reasons.ts'
import { type Selectable, sql, type Transaction } from 'kysely'
import { databaseText } from '../database/database-text.ts'
import type { KeptReason } from '../database/reboot-debt-tables.ts'
import type { DatabaseSchema, HostsTable } from '../database/schema.ts'
import { inServerTime } from '../ingest/host-clock.ts'

/** A host as it was derived, with what was read of it. */
interface HostInDebt extends Pick<HostToDoubt, 'snapshot' | 'account'> {
  readonly id: string
  readonly before: Pick<Selectable<HostsTable>, 'reboot_print' | 'clock_skew_ms'>
  readonly readAt: Date | null
}

const printOf = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('base64url')

/**
 * Writes what of each host asks for a boot, where it is another than before, and closes the plans of those that have booted since they
 * were made. The hosts' rows are locked. @returns the print for each host's row, by its id
 */
export const writeDebts = async (
  transaction: Transaction<DatabaseSchema>,
  hosts: readonly HostInDebt[],
  now: Date,
): Promise<ReadonlyMap<string, string>> => {
  const derived = hosts.map((host) => {
    const { bootId, bootedAt } = host.snapshot.kernel
    const debt = hostDebt(host.account)
    return {
      host,
      debt,
      bootId: bootId === null ? null : databaseText(bootId),
      bootedAt,
      print: printOf([debt, bootId]),
    }
  })
  const changed = derived.filter(({ host, print }) => host.before.reboot_print !== print)
  if (changed.length > 0) {
    const kept = await readReasons(
      transaction,
      changed.map(({ host }) => host.id),
    )
    const rows = changed.map(({ host, debt, bootId, bootedAt }) => {
      const reasons = debt.reasons.map((reason) => keep(reason, kept.get(host.id) ?? [], host, now))
      const words = (answer: KeptReason['answer']) => {
        return reasons.filter((one) => one.answer === answer).map(({ reason }) => reason)
      }
      return {
        ...{ host_id: host.id, boot_id: bootId, needs: words('yes'), can_wait: words('yes_but_covered') },
        booted_at: bootedAt === null ? null : inServerTime(bootedAt, host.before.clock_skew_ms),
        reasons: JSON.stringify(reasons),
        coverage_until: debt.coverage?.until ?? null,
        coverage_provider: debt.coverage === null ? null : databaseText(debt.coverage.provider),
        offered_cves: [...debt.offeredCves],
      }
    })
    await transaction
      .insertInto('host_reboot_debts')
      .values(rows)
      .onConflict((conflict) =>
        conflict.column('host_id').doUpdateSet((eb) => ({
          ...{ boot_id: eb.ref('excluded.boot_id'), booted_at: eb.ref('excluded.booted_at') },
          ...{ needs: eb.ref('excluded.needs'), can_wait: eb.ref('excluded.can_wait') },
          ...{ reasons: eb.ref('excluded.reasons'), offered_cves: eb.ref('excluded.offered_cves') },
          ...{
            coverage_until: eb.ref('excluded.coverage_until'),
            coverage_provider: eb.ref('excluded.coverage_provider'),
          },
        })),
      )
      .execute()
    await closePlans(
      transaction,
      rows.map(({ host_id }) => host_id),
      now,
    )
  }
  return new Map(derived.map(({ host, print }) => [host.id, print]))
}

const readReasons = async (
  transaction: Transaction<DatabaseSchema>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly KeptReason[]>> => {
  const rows = await transaction
    .selectFrom('host_reboot_debts')
    .select(['host_id', 'reasons'])
    .where('host_id', 'in', ids)
    .execute()
  return new Map(rows.map(({ host_id, reasons }) => [host_id, reasons]))
}

/** Of one that nothing dates, the first moment at which it was read stays for as long as it holds. */
const keep = (
  { reason, answer, since, why }: HostReason,
  before: readonly KeptReason[],
  { readAt, before: { clock_skew_ms } }: HostInDebt,
  now: Date,
): KeptReason => {
  const told = since === null ? null : inServerTime(since, clock_skew_ms)
  const seen = before.find((one) => one.reason === reason)?.since ?? (readAt ?? now).toISOString()
  return {
    ...{ reason, answer, why: databaseText(why) },
    ...(told === null
      ? ({ since: seen, sinceIs: 'seen' } as const)
      : ({ since: told.toISOString(), sinceIs: 'told' } as const)),
  }
}

/** A plan is done once the host runs in another boot than the one in which it was made, whatever the day. */
const closePlans = async (
  transaction: Transaction<DatabaseSchema>,
  ids: readonly string[],
  now: Date,
): Promise<void> => {
  await sql`update reboot_plans set ended_at = greatest(${now}::timestamptz, set_at), ended = 'done'
    from host_reboot_debts as host
    where reboot_plans.host_id = any(${[...ids]}::uuid[]) and reboot_plans.ended_at is null
      and host.host_id = reboot_plans.host_id and host.boot_id is not null
      and case when reboot_plans.boot_id is null then host.booted_at > reboot_plans.set_at
        else host.boot_id <> reboot_plans.boot_id end`.execute(transaction)
}
