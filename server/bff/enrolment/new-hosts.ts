import type { Labels } from '@rebootless/shared/contract/labels.ts'
import type { HostOrigin } from '@rebootless/shared/domain/words.ts'
import type { Insertable, Transaction } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema, HostsTable } from '../database/schema.ts'
import { appendEvents } from '../events/append-event.ts'
import { deriveHost } from '../ingest/derive-host.ts'
import { NO_READINGS } from '../ingest/read-readings.ts'
import type { Newcomer, StoredCertificate } from '../link/ports.ts'
import { insertCertificates } from './certificates.ts'

export interface NewHost {
  readonly host: Newcomer & { readonly id: string }
  readonly certificate: StoredCertificate
  readonly labels: Labels
  readonly origin: HostOrigin
  /** Who made its token, or approved it. */
  readonly letInBy: string
  /** Null: it waited and was approved. */
  readonly tokenId: string | null
  readonly now: Date
}

const rowOf = ({ host, now, labels, origin, letInBy }: NewHost): Insertable<HostsTable> => {
  const enrolledName = databaseText(host.name)
  const facts = { enrolledName, enrolledAt: now, connected: false, lastSeenAt: null, clockSkewMs: null }
  const { columns } = deriveHost({ ...facts, readings: NO_READINGS }, now)
  return {
    ...columns,
    id: host.id,
    origin,
    labels: JSON.stringify(labels),
    enrolled_name: enrolledName,
    enrolled_at: now,
    enrolled_by: letInBy,
    machine_id: host.machineId ?? null,
    link_id: null,
    last_seen_at: null,
    clock_skew_ms: null,
    revision: 1,
  }
}

/** Makes hosts with their certificates, audited, in the transaction that used up what let them in. */
export const insertNewHosts = async (
  transaction: Transaction<DatabaseSchema>,
  hosts: readonly NewHost[],
): Promise<void> => {
  if (hosts.length === 0) return
  await transaction.insertInto('hosts').values(hosts.map(rowOf)).execute()
  await insertCertificates(
    transaction,
    hosts.map(({ host, certificate, now }) => ({ hostId: host.id, certificate, now })),
  )
  await transaction
    .insertInto('enrolments')
    .values(
      hosts.map(({ host, tokenId, now }) => ({
        ...{ host_id: host.id, host_name: databaseText(host.name), token_id: tokenId, at: now },
      })),
    )
    .execute()
  for (const { host, labels, origin, letInBy, tokenId, certificate, now } of hosts) {
    await appendAudit(transaction, {
      at: now.toISOString(),
      actor: { kind: 'host', id: host.id, name: host.name, address: host.address ?? null },
      action: 'host.enrol',
      target: { kind: 'host', id: host.id, name: host.name },
      ...{ reason: null, result: 'done', problem: null, before: null, requestId: null },
      after: { labels, origin, letInBy, token: tokenId, keyFingerprint: certificate.keyFingerprint ?? null },
    })
  }
  await appendEvents(
    transaction,
    hosts.map(({ host, now }) => ({ type: 'host.changed', hostId: host.id, revision: 1, at: now })),
  )
}
