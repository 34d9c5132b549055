import type { RebootPlansChange, RebootPlansChanged } from '@rebootless/shared/contract/reboot-debt.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { planMistake } from '@rebootless/shared/domain/reboot-debt/plan-rules.ts'
import { counted } from '@rebootless/shared/domain/sentence.ts'
import { type Kysely, sql, type Transaction } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import { type Act, done } from '../commands/act.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { type HostScope, hostNotFound } from '../hosts/host-scope.ts'
import type { ClassCvesReader } from './class-cves.ts'
import { readGroups } from './debt-groups.ts'

/** Names that an entry of the audit log holds; who set what for whom is in the plans' rows. */
const NAMED_MAX = 100

interface Planner extends Act {
  readonly username: string
  readonly scope: HostScope
}

/**
 * Gives hosts a date and an owner in the place of what they had, or takes their plans back; what they had stays, closed.
 * @throws DomainError `host_not_found`, `filter_invalid`, `action_refused` when the day is none, or no host is meant
 */
export const setPlans = async (
  database: Kysely<DatabaseSchema>,
  classCves: ClassCvesReader,
  { hosts: meant, plan, reason }: RebootPlansChange,
  who: Planner,
): Promise<RebootPlansChanged> => {
  const mistake = plan === null ? null : planMistake(plan.on, who.now.toISOString().slice(0, 10))
  if (mistake !== null) throw refused(mistake)
  const ids = 'ids' in meant ? [...new Set(meant.ids)] : await idsOf(database, classCves, meant, who)
  return database.transaction().execute(async (transaction) => {
    const hosts = await lockHosts(transaction, who.scope, ids)
    if ('ids' in meant && hosts.length < ids.length) throw hostNotFound()
    const before = await closePlans(transaction, hosts, plan === null ? 'cancelled' : 'replaced', who)
    const changed = plan === null ? hosts.filter(({ id }) => before.has(id)) : hosts
    const [first] = changed
    if (first === undefined) {
      throw refused(plan === null ? 'None of these hosts has a plan.' : 'No host is meant: choose some.')
    }
    if (plan !== null) await insertPlans(transaction, changed, plan, reason, who)
    const target =
      changed.length === 1
        ? { kind: 'host', ...first }
        : { kind: 'hosts', id: 'reboot-plans', name: counted(changed.length, 'host') }
    const chosen =
      'ids' in meant
        ? {}
        : { chosen: Object.fromEntries(Object.entries(meant).map(([word, value]) => [word, value ?? null])) }
    await appendAudit(
      transaction,
      done(who, {
        ...{ action: plan === null ? 'reboot.cancel' : 'reboot.plan', target, reason },
        before: { plans: before.size },
        after: {
          ...{ hosts: changed.length, names: changed.slice(0, NAMED_MAX).map(({ name }) => name) },
          ...{ ...plan, ...chosen },
        },
      }),
    )
    return { hosts: changed.length }
  })
}

const refused = (detail: string) => new DomainError('action_refused', detail)

const idsOf = async (
  database: Kysely<DatabaseSchema>,
  classCves: ClassCvesReader,
  asked: Exclude<RebootPlansChange['hosts'], { ids: unknown }>,
  who: Planner,
): Promise<string[]> => {
  const { wanted, rows } = await readGroups(database, classCves, who.scope, asked, who.now)
  const { rows: found } = await sql<{ id: string }>`
    select id from ${rows} where key = any(${wanted.map(({ key }) => key)}::text[])`.execute(database)
  return found.map(({ id }) => id)
}

/** Until the end of this act none of them is planned by another or comes into another boot: the one written down is the one that runs. */
const lockHosts = async (
  transaction: Transaction<DatabaseSchema>,
  scope: HostScope,
  ids: readonly string[],
): Promise<{ id: string; name: string }[]> => {
  const { rows } = await sql<{ id: string; name: string }>`
    select hosts.id, hosts.name from hosts where hosts.id = any(${[...ids]}::uuid[]) and ${scope.condition}
    order by hosts.id for no key update`.execute(transaction)
  return rows
}

const closePlans = async (
  transaction: Transaction<DatabaseSchema>,
  hosts: readonly { id: string }[],
  ended: 'cancelled' | 'replaced',
  { username, now }: Planner,
): Promise<ReadonlySet<string>> => {
  const { rows } = await sql<{ host_id: string }>`
    update reboot_plans set ended_at = greatest(${now}::timestamptz, set_at), ended = ${ended}, ended_by_name = ${username}
    where host_id = any(${hosts.map(({ id }) => id)}::uuid[]) and ended_at is null returning host_id`.execute(
    transaction,
  )
  return new Set(rows.map(({ host_id }) => host_id))
}

const insertPlans = async (
  transaction: Transaction<DatabaseSchema>,
  hosts: readonly { id: string; name: string }[],
  { on, owner }: NonNullable<RebootPlansChange['plan']>,
  reason: string,
  { username, now }: Planner,
): Promise<void> => {
  await sql`
    insert into reboot_plans (id, host_id, host_name, planned_on, owner, reason, set_by_name, set_at, boot_id)
    select gen_random_uuid(), host.id, host.name, ${on}, ${databaseText(owner)}, ${databaseText(reason)}, ${username},
      ${now}, debt.boot_id
    from unnest(${hosts.map(({ id }) => id)}::uuid[], ${hosts.map(({ name }) => name)}::text[]) as host (id, name)
    left join host_reboot_debts as debt on debt.host_id = host.id`.execute(transaction)
}
