import type { Kysely } from 'kysely'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { appendEvents } from '../events/append-event.ts'
import { deriveHost } from '../ingest/derive-host.ts'
import type { EnrolmentStore } from '../link/ports.ts'

const NO_READINGS = { hello: null, snapshot: null, transition: null }

/** Join tokens, hosts and their certificates in PostgreSQL (threat-model T15, T18). */
export const createEnrolmentStore = (database: Kysely<DatabaseSchema>): EnrolmentStore => ({
  async addToken({ hash, labels, expiresAt, createdBy }) {
    const token = { token_hash: hash, labels: JSON.stringify(labels), expires_at: expiresAt, created_by: createdBy }
    await database
      .insertInto('enrolment_tokens')
      .values({ ...token, used_at: null, used_by: null })
      .execute()
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
        .returning('labels')
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
          origin: host.origin,
          labels: JSON.stringify(token.labels),
          enrolled_name: enrolledName,
          enrolled_at: now,
          link_id: null,
          last_seen_at: null,
          clock_skew_ms: null,
          revision: 1,
        })
        .execute()
      await transaction
        .insertInto('certificates')
        .values({
          fingerprint: certificate.fingerprint,
          host_id: host.id,
          issued_at: now,
          expires_at: certificate.expiresAt,
          revoked_at: null,
        })
        .execute()
      await appendEvents(transaction, [{ type: 'host.changed', hostId: host.id, revision: 1, at: now }])
      return true
    }),

  async hostOfCertificate(fingerprint) {
    const row = await database
      .selectFrom('certificates')
      .select('host_id')
      .where('fingerprint', '=', fingerprint)
      .where('revoked_at', 'is', null)
      .executeTakeFirst()
    return row === undefined ? undefined : { hostId: row.host_id }
  },
})
