import { type Kysely, sql, type Transaction } from 'kysely'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { appendEvents } from '../events/append-event.ts'
import { deriveHost } from '../ingest/derive-host.ts'
import { NO_READINGS } from '../ingest/read-readings.ts'
import type { EnrolmentStore } from '../link/ports.ts'

/** Join tokens, hosts and their certificates in PostgreSQL (threat-model T15, T18). */
export const createEnrolmentStore = (database: Kysely<DatabaseSchema>): EnrolmentStore => ({
  async addToken({ hash, labels, expiresAt, createdBy, origin = 'agent' }) {
    const token = {
      token_hash: hash,
      origin,
      labels: JSON.stringify(labels),
      expires_at: expiresAt,
      created_by: createdBy,
    }
    await database
      .insertInto('enrolment_tokens')
      .values({ ...token, used_at: null, used_by: null })
      .execute()
  },

  async tokenIsGood(tokenHash, now) {
    const row = await database
      .selectFrom('enrolment_tokens')
      .select('token_hash')
      .where('token_hash', '=', tokenHash)
      .where('used_at', 'is', null)
      .where('expires_at', '>', now)
      .executeTakeFirst()
    return row !== undefined
  },

  enrol: ({ tokenHash, host, certificate, now }) =>
    database.transaction().execute(async (transaction) => {
      // One statement finds the token unused and uses it up: of many at once, PostgreSQL lets one through.
      const token = await transaction
        .updateTable('enrolment_tokens')
        .set({ used_at: now, used_by: host.id })
        .where('token_hash', '=', tokenHash)
        .where('used_at', 'is', null)
        .where('expires_at', '>', now)
        .returning(['labels', 'origin'])
        .executeTakeFirst()
      if (token === undefined) return false
      const enrolledName = databaseText(host.name)
      const facts = { enrolledName, enrolledAt: now, connected: false, lastSeenAt: null, clockSkewMs: null }
      const { columns } = deriveHost({ ...facts, readings: NO_READINGS }, now)
      await transaction
        .insertInto('hosts')
        .values({
          ...columns,
          id: host.id,
          origin: token.origin,
          labels: JSON.stringify(token.labels),
          enrolled_name: enrolledName,
          enrolled_at: now,
          link_id: null,
          last_seen_at: null,
          clock_skew_ms: null,
          revision: 1,
        })
        .execute()
      await addCertificate(transaction, { hostId: host.id, certificate, now })
      await appendEvents(transaction, [{ type: 'host.changed', hostId: host.id, revision: 1, at: now }])
      return true
    }),

  async hostsOfCertificates(fingerprints) {
    const { rows } = await sql<{ fingerprint: string; host_id: string; supersedes: boolean }>`
      select fingerprint, host_id, exists (
        select from certificates as older
        where older.host_id = used.host_id and older.issued_at < used.issued_at and older.revoked_at is null
      ) as supersedes
      from certificates as used
      where fingerprint = any(${fingerprints}::text[]) and revoked_at is null`.execute(database)
    return new Map(rows.map((row) => [row.fingerprint, { hostId: row.host_id, supersedes: row.supersedes }]))
  },

  addCertificate: ({ hostId, certificate, now }) =>
    database.transaction().execute(async (transaction) => {
      // The lock keeps a host that is being removed from getting one more way in.
      const host = await transaction
        .selectFrom('hosts')
        .select('id')
        .where('id', '=', hostId)
        .forShare()
        .executeTakeFirst()
      if (host === undefined) return false
      await addCertificate(transaction, { hostId, certificate, now })
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

const addCertificate = async (
  transaction: Transaction<DatabaseSchema>,
  { hostId, certificate, now }: Parameters<EnrolmentStore['addCertificate']>[0],
): Promise<void> => {
  await transaction
    .insertInto('certificates')
    .values({
      fingerprint: certificate.fingerprint,
      host_id: hostId,
      issued_at: now,
      expires_at: certificate.expiresAt,
      revoked_at: null,
    })
    .execute()
}
