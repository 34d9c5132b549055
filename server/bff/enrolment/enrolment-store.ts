import type { Labels } from '@rebootless/shared/contract/host.ts'
import type { HostOrigin } from '@rebootless/shared/domain/words.ts'
import { type Insertable, type Kysely, sql, type Transaction } from 'kysely'
import { databaseText } from '../database/database-text.ts'
import { inGroups } from '../database/in-groups.ts'
import type { DatabaseSchema, HostsTable } from '../database/schema.ts'
import { appendEvents } from '../events/append-event.ts'
import { deriveHost } from '../ingest/derive-host.ts'
import { NO_READINGS } from '../ingest/read-readings.ts'
import type { EnrolmentStore } from '../link/ports.ts'

/** A whole fleet may enrol at once; nobody sees a wait as short as this. */
const ENROLMENTS_EVERY_MS = 50
const ENROLMENTS_MOST = 50

/** Join tokens, hosts and their certificates in PostgreSQL (threat-model T15, T18). */
export const createEnrolmentStore = (database: Kysely<DatabaseSchema>): EnrolmentStore => {
  const enrol = inGroups({
    write: (requests: readonly EnrolmentRequest[]) => enrolHosts(database, requests),
    keyOf: ({ tokenHash }) => tokenHash,
    ...{ most: ENROLMENTS_MOST, everyMs: ENROLMENTS_EVERY_MS },
  })
  return storeWith(database, enrol)
}

const storeWith = (database: Kysely<DatabaseSchema>, enrol: EnrolmentStore['enrol']): EnrolmentStore => ({
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

  enrol,

  async certifiedHost(fingerprint) {
    const { rows } = await sql<{ host_id: string; supersedes: boolean; epoch_seen: string | null }>`
      select host_id, exists (
        select from certificates as older
        where older.host_id = used.host_id and older.issued_at < used.issued_at and older.revoked_at is null
      ) as supersedes, (
        select max(epoch) from host_readings where host_readings.host_id = used.host_id
      ) as epoch_seen
      from certificates as used
      where fingerprint = ${fingerprint} and revoked_at is null`.execute(database)
    const [row] = rows
    if (row === undefined) return undefined
    const { host_id: hostId, supersedes, epoch_seen: epochSeen } = row
    return { hostId, supersedes, epochSeen: epochSeen === null ? null : Number(epochSeen) }
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
      // The lock keeps a host that is being removed from getting one more way in.
      const host = await transaction
        .selectFrom('hosts')
        .select('id')
        .where('id', '=', hostId)
        .forShare()
        .executeTakeFirst()
      if (host === undefined) return false
      await addCertificates(transaction, [{ hostId, certificate, now }])
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

type EnrolmentRequest = Parameters<EnrolmentStore['enrol']>[0]

/** Enrols several hosts, each by a token of its own, in one transaction. @returns for each whether its token was good */
const enrolHosts = (database: Kysely<DatabaseSchema>, requests: readonly EnrolmentRequest[]): Promise<boolean[]> =>
  database.transaction().execute(async (transaction) => {
    const tokens = await useUp(transaction, requests)
    const good = requests.flatMap((request) => {
      const token = tokens.get(request.tokenHash)
      return token === undefined ? [] : [{ ...request, token }]
    })
    if (good.length > 0) {
      await transaction.insertInto('hosts').values(good.map(newHost)).execute()
      await addCertificates(
        transaction,
        good.map(({ host, certificate, now }) => ({ hostId: host.id, certificate, now })),
      )
      await appendEvents(
        transaction,
        good.map(({ host, now }) => ({ type: 'host.changed', hostId: host.id, revision: 1, at: now })),
      )
    }
    return requests.map(({ tokenHash }) => tokens.has(tokenHash))
  })

interface UsedToken {
  token_hash: string
  labels: Labels
  origin: HostOrigin
}

/** One statement finds tokens unused and uses them up: of many at once who have the same, PostgreSQL lets one through. */
const useUp = async (transaction: Transaction<DatabaseSchema>, requests: readonly EnrolmentRequest[]) => {
  const column = <T>(of: (request: EnrolmentRequest) => T) => requests.map(of)
  const { rows } = await sql<UsedToken>`
    with wanted as materialized (
      select wanted.* from unnest(
        ${column(({ tokenHash }) => tokenHash)}::text[], ${column(({ host }) => host.id)}::uuid[],
        ${column(({ now }) => now)}::timestamptz[]
      ) as wanted (token_hash, host_id, at)
      join enrolment_tokens using (token_hash) order by token_hash for update of enrolment_tokens
    )
    update enrolment_tokens as token set used_at = wanted.at, used_by = wanted.host_id
    from wanted
    where token.token_hash = wanted.token_hash and token.used_at is null and token.expires_at > wanted.at
    returning token.token_hash, token.labels, token.origin`.execute(transaction)
  return new Map(rows.map((row) => [row.token_hash, row]))
}

const newHost = ({ host, now, token }: EnrolmentRequest & { token: UsedToken }): Insertable<HostsTable> => {
  const enrolledName = databaseText(host.name)
  const facts = { enrolledName, enrolledAt: now, connected: false, lastSeenAt: null, clockSkewMs: null }
  const { columns } = deriveHost({ ...facts, readings: NO_READINGS }, now)
  return {
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
  }
}

const addCertificates = async (
  transaction: Transaction<DatabaseSchema>,
  certificates: readonly Parameters<EnrolmentStore['addCertificate']>[0][],
): Promise<void> => {
  const rows = certificates.map(({ hostId, certificate, now }) => ({
    fingerprint: certificate.fingerprint,
    host_id: hostId,
    issued_at: now,
    expires_at: certificate.expiresAt,
    revoked_at: null,
  }))
  await transaction.insertInto('certificates').values(rows).execute()
}
