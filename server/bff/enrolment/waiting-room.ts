import { randomUUID } from 'node:crypto'
import { type Kysely, sql, type Transaction } from 'kysely'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { Asked, EnrolmentStore } from '../link/ports.ts'
import { sourceOf } from '../link/source-of.ts'
import { insertCertificates } from './certificates.ts'
import { tellOfEnrolment } from './enrolment-event.ts'
import { insertNewHosts } from './new-hosts.ts'

/** A host is forgotten so long after it asked first, decided or not; it may ask again. */
export const WAITING_MS = 60 * 60_000
/** Strangers fill it: what a person can look through, and of one place no more than a rack. */
const WAITING_MAX = 100
const WAITING_PER_SOURCE_MAX = 20
/** Any fixed number that nothing else locks: the letters of "Rblw". Newcomers are counted one after the other. */
const WAITING_LOCK = 0x52_62_6c_77

type Asking = Parameters<EnrolmentStore['ask']>[0]

/** Hosts without a token, which a person lets in by the fingerprint of their key (threat-model T16). */
export const askToBeLetIn = async (database: Kysely<DatabaseSchema>, asking: Asking): Promise<Asked> => {
  const { keyFingerprint, who, now } = asking
  const since = new Date(now.getTime() - WAITING_MS)
  const known = await database
    .updateTable('enrolment_requests')
    .set({ last_asked_at: now })
    .where('key_fingerprint', '=', keyFingerprint)
    .where('asked_at', '>', since)
    .returning(['state', 'asked_at', 'host_id'])
    .executeTakeFirst()
  if (known === undefined)
    return await database.transaction().execute((transaction) => enter(transaction, asking, since))
  if (known.state === 'denied') return { state: 'denied' }
  if (known.state === 'waiting') {
    return { state: 'waiting', expiresAt: new Date(known.asked_at.getTime() + WAITING_MS) }
  }
  // A certificate is made first, so that a crash in between leaves the host approved and nothing else.
  const hostId = known.host_id ?? randomUUID()
  const certificate = await asking.certify(hostId)
  return await database.transaction().execute(async (transaction) => {
    const request = await transaction
      .selectFrom('enrolment_requests')
      .selectAll()
      .where('key_fingerprint', '=', keyFingerprint)
      .forUpdate()
      .executeTakeFirst()
    if (request === undefined || request.state === 'denied') return { state: 'denied' }
    if (request.state === 'waiting') {
      return { state: 'waiting', expiresAt: new Date(request.asked_at.getTime() + WAITING_MS) }
    }
    if (request.state === 'enrolled') {
      // The answer was lost on its way: the same key gets another certificate, if its host is still there.
      const host = await transaction
        .selectFrom('hosts')
        .select('id')
        .where('id', '=', hostId)
        .forShare()
        .executeTakeFirst()
      if (host === undefined || request.host_id !== hostId) return { state: 'denied' }
      await insertCertificates(transaction, [{ hostId, certificate, now }])
      return { state: 'enrolled', hostId }
    }
    await transaction
      .updateTable('enrolment_requests')
      .set({ state: 'enrolled', host_id: hostId })
      .where('id', '=', request.id)
      .execute()
    const letInBy = request.decided_by ?? 'unknown'
    // Name and machine as the person saw them, not as they are told by now.
    const host = { ...who, id: hostId, name: request.host_name, machineId: request.machine_id ?? undefined }
    const { labels } = request
    await insertNewHosts(transaction, [{ host, certificate, labels, origin: 'agent', letInBy, tokenId: null, now }])
    await tellOfEnrolment(transaction, now)
    return { state: 'enrolled', hostId }
  })
}

const enter = async (
  transaction: Transaction<DatabaseSchema>,
  { keyFingerprint, who, now }: Asking,
  since: Date,
): Promise<Asked> => {
  await sql`select pg_advisory_xact_lock(${WAITING_LOCK})`.execute(transaction)
  await transaction.deleteFrom('enrolment_requests').where('asked_at', '<=', since).execute()
  const address = sourceOf(who.address ?? '')
  const counted = await transaction
    .selectFrom('enrolment_requests')
    .select([
      sql<string>`count(*)`.as('all'),
      sql<string>`count(*) filter (where address = ${address})`.as('from_there'),
    ])
    .executeTakeFirstOrThrow()
  if (Number(counted.all) >= WAITING_MAX || Number(counted.from_there) >= WAITING_PER_SOURCE_MAX) {
    return { state: 'full' }
  }
  await transaction
    .insertInto('enrolment_requests')
    .values({
      id: randomUUID(),
      key_fingerprint: keyFingerprint,
      host_name: databaseText(who.name),
      machine_id: who.machineId ?? null,
      address,
      ...{ asked_at: now, last_asked_at: now, state: 'waiting', decided_at: null, decided_by: null },
      labels: '{}',
      host_id: null,
    })
    .onConflict((conflict) => conflict.column('key_fingerprint').doNothing())
    .execute()
  await tellOfEnrolment(transaction, now)
  return { state: 'waiting', expiresAt: new Date(now.getTime() + WAITING_MS) }
}
