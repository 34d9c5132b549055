import type { Kysely } from 'kysely'
import { inGroups } from '../database/in-groups.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { EnrolmentStore } from '../link/ports.ts'
import { certificateStore } from './certificates.ts'
import { refusedEnrolments } from './refused-enrolments.ts'
import { machineSeen } from './second-machine.ts'
import { type EnrolmentRequest, enrolHosts } from './use-tokens.ts'
import { askToBeLetIn } from './waiting-room.ts'

/** A whole fleet may enrol at once; nobody sees a wait as short as this. */
const ENROLMENTS_EVERY_MS = 50
const ENROLMENTS_MOST = 50

/** Join tokens, hosts and their certificates in PostgreSQL (threat-model T15, T18). */
export const createEnrolmentStore = (database: Kysely<DatabaseSchema>): EnrolmentStore => ({
  ...certificateStore(database),

  async addToken({ hash, labels, expiresAt, createdBy, origin = 'agent', uses = 1, own = false }) {
    const token = { token_hash: hash, origin, labels: JSON.stringify(labels), expires_at: expiresAt, own }
    await database
      .insertInto('enrolment_tokens')
      .values({ ...token, created_by: createdBy, uses, uses_left: uses })
      .execute()
  },

  async tokenIsGood(tokenHash, now) {
    const row = await database
      .selectFrom('enrolment_tokens')
      .select('token_hash')
      .where('token_hash', '=', tokenHash)
      .where('uses_left', '>', 0)
      .where('revoked_at', 'is', null)
      .where('expires_at', '>', now)
      .executeTakeFirst()
    return row !== undefined
  },

  enrol: inGroups({
    write: (requests: readonly EnrolmentRequest[]) => enrolHosts(database, requests),
    keyOf: ({ host }) => host.id,
    ...{ most: ENROLMENTS_MOST, everyMs: ENROLMENTS_EVERY_MS },
  }),
  enrolmentRefused: refusedEnrolments(database, () => performance.now()),
  ask: (asking) => askToBeLetIn(database, asking),
  machineSeen: (seen) => machineSeen(database, seen),
})
