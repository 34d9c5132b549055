import { type Kysely, sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { CertifiedHost, EnrolmentStore } from '../link/ports.ts'

/** Told when certificates have ended: the payload is the host's id, or `*` for many. */
export const CERTIFICATES_CHANNEL = 'rebootless_certificates'

export const insertCertificates = async (
  transaction: Transaction<DatabaseSchema>,
  certificates: readonly Parameters<EnrolmentStore['addCertificate']>[0][],
): Promise<void> => {
  const rows = certificates.map(({ hostId, certificate, now }) => ({
    fingerprint: certificate.fingerprint,
    host_id: hostId,
    issued_at: now,
    expires_at: certificate.expiresAt,
    revoked_at: null,
    authority: certificate.authority ?? null,
    key_fingerprint: certificate.keyFingerprint ?? null,
  }))
  await transaction.insertInto('certificates').values(rows).execute()
}

/** Tells all backends, once this commits, that open links have to be judged anew (threat-model T17). */
export const tellCertificatesEnded = async (
  transaction: Transaction<DatabaseSchema>,
  hostId: string | '*',
): Promise<void> => {
  await sql`select pg_notify(${CERTIFICATES_CHANNEL}, ${hostId})`.execute(transaction)
}

type CertificateStore = Pick<
  EnrolmentStore,
  'certifiedHost' | 'hostsOfCertificates' | 'addCertificate' | 'certificateUsed'
>

/** Hosts' certificates in PostgreSQL (threat-model T17). */
export const certificateStore = (database: Kysely<DatabaseSchema>): CertificateStore => ({
  async certifiedHost(fingerprint): Promise<CertifiedHost | undefined> {
    const { rows } = await sql<{
      host_id: string
      supersedes: boolean
      epoch_seen: string | null
      machine_id: string | null
      boot_id: string | null
    }>`
      select used.host_id, exists (
        select from certificates as older
        where older.host_id = used.host_id and older.issued_at < used.issued_at and older.revoked_at is null
      ) as supersedes, (
        select max(epoch) from host_readings where host_readings.host_id = used.host_id
      ) as epoch_seen, hosts.machine_id, (
        select boot_id from host_boots where host_boots.host_id = used.host_id and superseded_at is null
      ) as boot_id
      from certificates as used join hosts on hosts.id = used.host_id
      where used.fingerprint = ${fingerprint} and used.revoked_at is null`.execute(database)
    const [row] = rows
    if (row === undefined) return undefined
    const { host_id: hostId, supersedes, epoch_seen: epochSeen, machine_id: machineId, boot_id: bootId } = row
    return { hostId, supersedes, epochSeen: epochSeen === null ? null : Number(epochSeen), machineId, bootId }
  },

  async hostsOfCertificates(fingerprints) {
    const rows = await database
      .selectFrom('certificates')
      .select(['fingerprint', 'host_id'])
      .where(sql<boolean>`fingerprint = any(${fingerprints}::text[])`)
      .where('revoked_at', 'is', null)
      .execute()
    return new Map(rows.map((row) => [row.fingerprint, row.host_id]))
  },

  addCertificate: ({ hostId, certificate, now }) =>
    database.transaction().execute(async (transaction) => {
      // The lock keeps a host that is being removed, or whose certificates are being revoked, from one more way in.
      const host = await transaction
        .selectFrom('hosts')
        .select('id')
        .where('id', '=', hostId)
        .forShare()
        .executeTakeFirst()
      if (host === undefined) return false
      await insertCertificates(transaction, [{ hostId, certificate, now }])
      return true
    }),

  async certificateUsed(fingerprint, now) {
    await database
      .updateTable('certificates as older')
      .from('certificates as used')
      .set({ revoked_at: now })
      .where('used.fingerprint', '=', fingerprint)
      .whereRef('older.host_id', '=', 'used.host_id')
      .whereRef('older.issued_at', '<', 'used.issued_at')
      .where('older.revoked_at', 'is', null)
      .execute()
  },
})
