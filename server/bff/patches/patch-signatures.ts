import type { PatchSignature } from '@rebootless/shared/contract/patches.ts'
import type { KeySignature } from '@rebootless/shared/contract/signed.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import type { Kysely } from 'kysely'
import { isSigned } from '../../signing/ed25519.ts'
import { appendAudit } from '../audit/append-audit.ts'
import { type Act, done } from '../commands/act.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { patchNotFound } from './entries.ts'

/** All that were ever found good over a module's file; of keys that were taken back too, and marked so. */
export const signaturesOf = async (database: Kysely<DatabaseSchema>, id: string): Promise<PatchSignature[]> => {
  const rows = await database
    .selectFrom('patch_signatures')
    .innerJoin('publisher_keys', 'publisher_keys.id', 'patch_signatures.key_id')
    .select(['key_id', 'name', 'public_key', 'signature', 'added_by', 'added_at', 'revoked_at'])
    .where('sha256', '=', id)
    .orderBy('added_at')
    .limit(1000)
    .execute()
  return rows.map((row) => ({
    ...{ keyId: row.key_id, publisher: row.name, publicKey: row.public_key, signature: row.signature },
    ...{ addedBy: row.added_by, addedAt: row.added_at.toISOString() },
    revokedAt: row.revoked_at?.toISOString() ?? null,
  }))
}

/**
 * Adds a signature that a registered publisher made over the file's hash; the same one again changes nothing.
 * @throws DomainError `patch_not_found`, `signature_refused`
 */
export const addPatchSignature = (
  database: Kysely<DatabaseSchema>,
  sha256: string,
  signed: KeySignature,
  who: Act & { username: string },
): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const module = await transaction
      .selectFrom('artefacts')
      .select('name')
      .where('sha256', '=', sha256)
      .forKeyShare()
      .executeTakeFirst()
    if (module === undefined) throw patchNotFound()
    const key = await transaction
      .selectFrom('publisher_keys')
      .select(['id', 'name'])
      .where('public_key', '=', signed.publicKey)
      .where('revoked_at', 'is', null)
      .forShare()
      .executeTakeFirst()
    if (key === undefined) {
      throw new DomainError(
        'signature_refused',
        'This key is no publisher’s here, or was taken back: an admin registers it.',
      )
    }
    if (!isSigned(signed, PAYLOAD_TYPES.patch, sha256)) {
      throw new DomainError('signature_refused', 'The signature is not good over this file’s SHA-256 by that key.')
    }
    const inserted = await transaction
      .insertInto('patch_signatures')
      .values({
        ...{ sha256, key_id: key.id, signature: signed.signature, added_by: who.username, added_at: who.now },
      })
      .onConflict((conflict) => conflict.columns(['sha256', 'key_id']).doNothing())
      .returning('sha256')
      .executeTakeFirst()
    if (inserted === undefined) return
    const target = { kind: 'patch', id: sha256, name: module.name }
    await appendAudit(transaction, done(who, { action: 'patch.sign', target, after: { publisher: key.name } }))
  })
