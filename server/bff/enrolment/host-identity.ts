import type { HostIdentity } from '@rebootless/shared/contract/host-identity.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { isReadOnly } from '@rebootless/shared/domain/possible-actions.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { readReadingsOf } from '../ingest/read-readings.ts'

const REPLACED_LISTED_MAX = 10

/**
 * How a host came to be known. One that is not connected and has its machine or its name, and enrolled before, was
 * probably this one before it was set up anew: it is shown and keeps its labels, commands and approvals to itself (T18).
 * @throws DomainError `host_not_found`
 */
export const readHostIdentity = async (
  database: Kysely<DatabaseSchema>,
  id: string,
  now: Date,
): Promise<HostIdentity> => {
  const host = await database.selectFrom('hosts').selectAll().where('id', '=', id).executeTakeFirst()
  if (host === undefined) {
    throw new DomainError('host_not_found', 'There is no such host: it was removed, or the address is wrong.')
  }
  const [{ hello }, certificate, replaced] = await Promise.all([
    readReadingsOf(database, id),
    database
      .selectFrom('certificates')
      .select(['key_fingerprint', 'expires_at'])
      .where('host_id', '=', id)
      .where('revoked_at', 'is', null)
      .orderBy('issued_at', 'desc')
      .limit(1)
      .executeTakeFirst(),
    sql<{ id: string; name: string; enrolled_at: Date; by_machine: boolean }>`
      select id, name, enrolled_at, coalesce(machine_id = ${host.machine_id}, false) as by_machine from hosts
      where id <> ${id} and origin = ${host.origin} and enrolled_at < ${host.enrolled_at} and not connected
        and (machine_id = ${host.machine_id} or (name_sort = ${host.name_sort} and name = ${host.name}))
      order by by_machine desc, enrolled_at desc limit ${REPLACED_LISTED_MAX}`.execute(database),
  ])
  const protocol = hello?.body.protocol ?? null
  return {
    enrolledAt: host.enrolled_at.toISOString(),
    enrolledBy: host.enrolled_by,
    keyFingerprint: certificate?.key_fingerprint ?? null,
    certificateExpiresAt: certificate?.expires_at.toISOString() ?? null,
    machineKnown: host.machine_id !== null,
    protocol,
    readOnly: isReadOnly(protocol),
    quarantine:
      host.quarantined_at === null
        ? null
        : { since: host.quarantined_at.toISOString(), reason: host.quarantine_reason ?? '' },
    replaces: replaced.rows.map((row) => ({
      ...{ id: row.id, name: row.name, enrolledAt: row.enrolled_at.toISOString() },
      by: row.by_machine ? 'machine' : 'name',
    })),
    asOf: now.toISOString(),
  }
}
