import type { AuditActor } from '@rebootless/shared/contract/audit.ts'
import type { Selectable, Transaction } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import type { DatabaseSchema, HostsTable } from '../database/schema.ts'
import { appendEvents } from '../events/append-event.ts'

interface Act {
  readonly reason: string
  readonly now: Date
  readonly actor: AuditActor
  readonly requestId: string | null
}

/** Marks a locked host as seen and not commanded (threat-model T18): audited, and told to the pages. */
export const quarantineHost = (
  transaction: Transaction<DatabaseSchema>,
  host: Selectable<HostsTable>,
  act: Act,
): Promise<void> => setQuarantine(transaction, host, act, { at: act.now, action: 'host.quarantine' })

/** Ends it. Machine and boots are forgotten: whichever machine speaks next is taken for the host. */
export const liftQuarantine = async (
  transaction: Transaction<DatabaseSchema>,
  host: Selectable<HostsTable>,
  act: Act,
): Promise<void> => {
  await transaction.deleteFrom('host_boots').where('host_id', '=', host.id).execute()
  await transaction.updateTable('hosts').set({ machine_id: null }).where('id', '=', host.id).execute()
  await setQuarantine(transaction, host, act, { at: null, action: 'host.lift_quarantine' })
}

const setQuarantine = async (
  transaction: Transaction<DatabaseSchema>,
  host: Selectable<HostsTable>,
  { reason, now, actor, requestId }: Act,
  { at, action }: { at: Date | null; action: string },
): Promise<void> => {
  const revision = Number(host.revision) + 1
  await transaction
    .updateTable('hosts')
    .set({ quarantined_at: at, quarantine_reason: at === null ? null : reason, revision })
    .where('id', '=', host.id)
    .execute()
  await appendAudit(transaction, {
    at: now.toISOString(),
    ...{ actor, action, reason, requestId, result: 'done', problem: null },
    target: { kind: 'host', id: host.id, name: host.name },
    before: { quarantined: host.quarantined_at !== null },
    after: { quarantined: at !== null },
  })
  await appendEvents(transaction, [{ type: 'host.changed', hostId: host.id, revision, at: now }])
}
