import type { PatchFile } from '@rebootless/shared/contract/commands-api.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import { appendAudit } from '../../audit/append-audit.ts'
import type { DatabaseSchema } from '../../database/schema.ts'
import { type Act, done } from '../act.ts'
import type { ArtefactFiles, StoredArtefact } from './artefact-files.ts'

/** All modules together, in bytes. */
const QUOTA_BYTES = 4 * 1024 * 1024 * 1024
/** The letters of "Rbar": uploads take their release counters one after the other. */
const UPLOAD_LOCK = 0x52_62_61_72

const viewOf = (row: Selectable<DatabaseSchema['artefacts']>): PatchFile => ({
  id: row.sha256,
  name: row.name,
  size: row.size,
  vermagic: row.vermagic,
  version: row.version,
  srcversion: row.srcversion,
  depends: row.depends,
  releaseCounter: row.release_counter,
  uploadedBy: row.uploaded_by,
  uploadedAt: row.uploaded_at.toISOString(),
})

export const listArtefacts = async (database: Kysely<DatabaseSchema>): Promise<PatchFile[]> =>
  (await database.selectFrom('artefacts').selectAll().orderBy('uploaded_at', 'desc').limit(1000).execute()).map(viewOf)

/** @throws DomainError `artefact_not_found` */
export const readArtefact = async (database: Kysely<DatabaseSchema>, sha256: string): Promise<PatchFile> => {
  const row = await database.selectFrom('artefacts').selectAll().where('sha256', '=', sha256).executeTakeFirst()
  if (row === undefined)
    throw new DomainError('artefact_not_found', 'There is no such module: see the list of modules.')
  return viewOf(row)
}

/**
 * Keeps a module that somebody uploads; one that is there already stays as it is.
 * @param releaseCounter undefined: one more than the greatest there is
 * @throws DomainError `artefact_refused`, `artefact_quota`, `body_too_large`
 */
export const uploadArtefact = async (
  database: Kysely<DatabaseSchema>,
  files: ArtefactFiles,
  bytes: AsyncIterable<Buffer>,
  releaseCounter: number | undefined,
  who: Act & { username: string },
): Promise<PatchFile> => {
  await requireRoom(database)
  // The file takes its name last, in the transaction: a row has its file, and a module that is refused leaves neither.
  return files.keep(bytes, (stored, publish) =>
    database.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(${UPLOAD_LOCK})`.execute(transaction)
      const there = await transaction
        .selectFrom('artefacts')
        .selectAll()
        .where('sha256', '=', stored.sha256)
        .executeTakeFirst()
      const row = there ?? (await insert(transaction, stored, releaseCounter, who))
      await publish()
      return viewOf(row)
    }),
  )
}

const requireRoom = async (database: Kysely<DatabaseSchema>): Promise<void> => {
  const { bytes } = await database
    .selectFrom('artefacts')
    .select(sql<string>`coalesce(sum(size), 0)`.as('bytes'))
    .executeTakeFirstOrThrow()
  if (Number(bytes) >= QUOTA_BYTES) {
    throw new DomainError('artefact_quota', 'The modules that are kept take up all the room there is for them.')
  }
}

const insert = async (
  transaction: Transaction<DatabaseSchema>,
  { sha256, size, info }: StoredArtefact,
  releaseCounter: number | undefined,
  who: Act & { username: string },
) => {
  const { greatest } = await transaction
    .selectFrom('artefacts')
    .select(sql<number>`coalesce(max(release_counter), 0)`.as('greatest'))
    .executeTakeFirstOrThrow()
  const counter = releaseCounter ?? greatest + 1
  const row = await transaction
    .insertInto('artefacts')
    .values({
      ...{ sha256, size, name: info.name, vermagic: info.vermagic, version: info.version },
      ...{ srcversion: info.srcversion, depends: info.depends, release_counter: counter },
      ...{ uploaded_by: who.username, uploaded_at: who.now },
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  await appendAudit(
    transaction,
    done(who, {
      action: 'patch.upload',
      target: { kind: 'patch', id: sha256, name: info.name },
      after: { size, vermagic: info.vermagic, releaseCounter: counter },
    }),
  )
  return row
}

/** Whether the host has been sent a command that names the module. */
export const isArtefactOf = async (
  database: Kysely<DatabaseSchema>,
  hostId: string,
  sha256: string,
): Promise<boolean> => {
  const row = await database
    .selectFrom('commands')
    .innerJoin('authorisations', 'authorisations.id', 'commands.authorisation_id')
    .select('commands.id')
    .where('commands.host_id', '=', hostId)
    .where('commands.state', '=', 'sent')
    .where('authorisations.artefact_sha256', '=', sha256)
    .executeTakeFirst()
  return row !== undefined
}
