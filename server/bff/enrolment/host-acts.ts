import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Kysely, Selectable, Transaction } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import type { DatabaseSchema, HostsTable } from '../database/schema.ts'
import { appendEvents } from '../events/append-event.ts'
import { closePeriods } from '../exposure/host-periods.ts'
import { tellCertificatesEnded } from './certificates.ts'
import { liftQuarantine, quarantineHost } from './quarantine.ts'
import type { Doer } from './tokens.ts'

type Host = Selectable<HostsTable>
type Within = Transaction<DatabaseSchema>

/** What administrators do to a host as an identity: audited, in one transaction, and told to pages and links. */
export const createHostActs = (database: Kysely<DatabaseSchema>, now: () => Date) => {
  /** @throws DomainError `host_not_found` */
  const withHost = (id: string, act: (transaction: Within, host: Host) => Promise<void>): Promise<void> =>
    database.transaction().execute(async (transaction) => {
      const host = await transaction.selectFrom('hosts').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
      if (host === undefined) {
        throw new DomainError('host_not_found', 'There is no such host: it was removed, or the address is wrong.')
      }
      await act(transaction, host)
    })

  /** By its name as it is now, so that nobody removes another host than he means. */
  const requireName = (host: Host, name: string): void => {
    if (name === host.name) return
    throw new DomainError('confirmation_mismatch', 'This is not the name of the host: type it as it is shown.')
  }

  const audit = (transaction: Within, host: Host, action: string, reason: string, doer: Doer, after: object | null) =>
    appendAudit(transaction, {
      at: now().toISOString(),
      ...{ actor: doer.actor, action, reason, result: 'done', problem: null, requestId: doer.requestId },
      target: { kind: 'host', id: host.id, name: host.name },
      before: {
        ...{ labels: host.labels, enrolledAt: host.enrolled_at.toISOString(), origin: host.origin },
        ...{ connected: host.connected, quarantined: host.quarantined_at !== null },
      },
      after: after === null ? null : { ...after },
    })

  return {
    /** Its readings, labels and certificates go with it; what was audited of it stays. */
    remove: (id: string, { name, reason }: { name: string; reason: string }, doer: Doer) =>
      withHost(id, async (transaction, host) => {
        requireName(host, name)
        await transaction.deleteFrom('hosts').where('id', '=', id).execute()
        await closePeriods(transaction, [id], now())
        await tellCertificatesEnded(transaction, id)
        await audit(transaction, host, 'host.remove', reason, doer, null)
        const revision = Number(host.revision) + 1
        await appendEvents(transaction, [{ type: 'host.removed', hostId: id, revision, at: now() }])
      }),

    revokeCertificates: (id: string, { name, reason }: { name: string; reason: string }, doer: Doer) =>
      withHost(id, async (transaction, host) => {
        requireName(host, name)
        const ended = await transaction
          .updateTable('certificates')
          .set({ revoked_at: now() })
          .where('host_id', '=', id)
          .where('revoked_at', 'is', null)
          .returning('fingerprint')
          .execute()
        await tellCertificatesEnded(transaction, id)
        const certificates = ended.map(({ fingerprint }) => fingerprint)
        await audit(transaction, host, 'certificate.revoke', reason, doer, { certificates })
        const revision = Number(host.revision) + 1
        await transaction.updateTable('hosts').set({ revision }).where('id', '=', id).execute()
        await appendEvents(transaction, [{ type: 'host.changed', hostId: id, revision, at: now() }])
      }),

    quarantine: (id: string, reason: string, { actor, requestId }: Doer) =>
      withHost(id, async (transaction, host) => {
        if (host.quarantined_at !== null) return
        await quarantineHost(transaction, host, { reason: reason.slice(0, 500), now: now(), actor, requestId })
      }),

    liftQuarantine: (id: string, reason: string, { actor, requestId }: Doer) =>
      withHost(id, async (transaction, host) => {
        if (host.quarantined_at === null) return
        await liftQuarantine(transaction, host, { reason, now: now(), actor, requestId })
      }),
  }
}
