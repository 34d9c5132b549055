import { createHash } from 'node:crypto'
import type { PublicKey } from '@rebootless/shared/contract/signed.ts'
import type { Kysely, Transaction } from 'kysely'
import { entryOf, SERVER } from '../access/doer.ts'
import { appendAudit } from '../audit/append-audit.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { SettingsError } from '../settings.ts'

/** The keys that a backend has found, or has just made, in its data folder. */
export interface OwnKeys {
  readonly commandKey: PublicKey
  readonly secretsKey: Uint8Array
  /** Fingerprints of the certificate authorities, hex. */
  readonly authorities: readonly string[]
}

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

/** Of random keys, so that a hash tells nothing of them. */
const fingerprintsOf = ({ commandKey, secretsKey }: OwnKeys) => ({
  'command-key.pem': sha256(commandKey),
  'secrets.key': sha256(Buffer.concat([Buffer.from('rebootless secrets key\0'), secretsKey])),
})

const WHAT_TO_DO =
  'Servers of one database share the keys of one data folder: copy them from the first server, or from a backup of it. ' +
  'If they were replaced on purpose, start once with REBOOTLESS_NEW_KEYS=accept'

const CONSEQUENCES: Readonly<Record<string, string>> = {
  'command-key.pem': 'every agent would refuse its commands; once accepted, all hosts have to enrol anew',
  'secrets.key': 'no stored second factor could be read; once accepted, people set theirs up again',
}

/**
 * Holds the keys of this backend against those that its database has been served with. A command signed with another key is
 * refused by every agent, so a second server with a data folder of its own does not start (threat-model T17, T33). The
 * first that comes notes its keys; `accept` notes others in their place, and the audit log tells.
 * @throws SettingsError with what to do
 */
export const requireSameKeys = (
  database: Kysely<DatabaseSchema>,
  keys: OwnKeys,
  { accept, now }: { accept: boolean; now: Date },
): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const own = Object.entries(fingerprintsOf(keys))
    await transaction
      .insertInto('server_keys')
      .values(own.map(([name, fingerprint]) => ({ name, fingerprint, noted_at: now })))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const rows = await transaction.selectFrom('server_keys').selectAll().orderBy('name').forUpdate().execute()
    const known = new Map(rows.map(({ name, fingerprint }) => [name, fingerprint]))
    const others = own.filter(([name, fingerprint]) => known.get(name) !== fingerprint)
    const strange = await areAuthoritiesStrange(transaction, keys.authorities, now)
    if (others.length === 0 && !strange) return
    if (!accept) throw new SettingsError(refusalOf(others[0]?.[0]))
    for (const [name, fingerprint] of others) {
      const set = { fingerprint, noted_at: now }
      await transaction.updateTable('server_keys').set(set).where('name', '=', name).execute()
    }
    // No link can be opened with them any more.
    const ended = strange ? await endCertificates(transaction, now) : 0
    const target = { kind: 'server', id: 'keys', name: null }
    const after = { ...Object.fromEntries(own), certificatesEnded: ended }
    const done = { action: 'server.replace_keys', target, before: Object.fromEntries(known), after }
    await appendAudit(transaction, entryOf(SERVER, now, done))
  })

/** @param name of the file whose key is another; undefined: the authorities are */
const refusalOf = (name: string | undefined): string =>
  name === undefined
    ? `No authority of this data folder has signed a certificate of this database's hosts: none of them could connect; once accepted, all have to enrol anew. ${WHAT_TO_DO}.`
    : `${name} is not the key of this database: ${CONSEQUENCES[name]}. ${WHAT_TO_DO}.`

const endCertificates = async (transaction: Transaction<DatabaseSchema>, now: Date): Promise<number> => {
  const { numUpdatedRows } = await transaction
    .updateTable('certificates')
    .set({ revoked_at: now })
    .where('revoked_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows)
}

/** Hosts are there that could connect, and none of them by what these authorities have signed. */
const areAuthoritiesStrange = async (
  transaction: Transaction<DatabaseSchema>,
  authorities: readonly string[],
  now: Date,
): Promise<boolean> => {
  const rows = await transaction
    .selectFrom('certificates')
    .select('authority')
    .distinct()
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .where('authority', 'is not', null)
    .execute()
  return rows.length > 0 && !rows.some(({ authority }) => authority !== null && authorities.includes(authority))
}
