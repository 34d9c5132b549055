import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Logger } from 'pino'
import { appendAudit } from '../audit/append-audit.ts'
import { type Act, done } from '../commands/act.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { noteStaleModule } from '../exposure/catalogue-cves.ts'
import type { ArtefactFiles, StoredArtefact } from './artefact-files.ts'

/** All modules together, in bytes. */
const QUOTA_BYTES = 4 * 1024 * 1024 * 1024
/** The letters of "Rbar": uploads take their release counters one after the other. */
const UPLOAD_LOCK = 0x52_62_61_72

/** Until the transaction ends, no module comes or goes. */
export const lockUploads = async (transaction: Transaction<DatabaseSchema>): Promise<void> => {
  await sql`select pg_advisory_xact_lock(${UPLOAD_LOCK})`.execute(transaction)
}

/**
 * Keeps a module that somebody uploads; one that is there already stays as it is.
 * @returns what it was found to be
 * @param releaseCounter undefined: one more than the greatest there is
 * @throws DomainError `artefact_refused`, `artefact_quota`, `body_too_large`
 */
export const uploadArtefact = async (
  database: Kysely<DatabaseSchema>,
  files: ArtefactFiles,
  bytes: AsyncIterable<Buffer>,
  releaseCounter: number | undefined,
  who: Act & { username: string },
): Promise<StoredArtefact> => {
  await requireRoom(database)
  // The file takes its name last, in the transaction: a row has its file, and a module that is refused leaves neither.
  return files.keep(bytes, (stored, publish) =>
    database.transaction().execute(async (transaction) => {
      await lockUploads(transaction)
      const there = await transaction
        .updateTable('artefacts')
        .set({ facts: JSON.stringify(stored.facts) })
        .where('sha256', '=', stored.sha256)
        .returning('sha256')
        .executeTakeFirst()
      if (there === undefined) await insert(transaction, stored, releaseCounter, who)
      await publish()
      return stored
    }),
  )
}

/** Reads a module that somebody offers, and keeps nothing of it. */
export const lookAtArtefact = (files: ArtefactFiles, bytes: AsyncIterable<Buffer>): Promise<StoredArtefact> =>
  files.keep(bytes, async (stored) => stored)

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
  { sha256, size, facts }: StoredArtefact,
  releaseCounter: number | undefined,
  who: Act & { username: string },
) => {
  const { greatest } = await transaction
    .selectFrom('artefacts')
    .select(sql<number>`coalesce(max(release_counter), 0)`.as('greatest'))
    .executeTakeFirstOrThrow()
  const counter = releaseCounter ?? greatest + 1
  await transaction
    .insertInto('artefacts')
    .values({
      ...{ sha256, size, name: facts.name, vermagic: facts.vermagic, version: facts.version },
      ...{ srcversion: facts.srcversion, depends: facts.depends, release_counter: counter },
      ...{ facts: JSON.stringify(facts), uploaded_by: who.username, uploaded_at: who.now },
    })
    .execute()
  await noteStaleModule(transaction, facts.name)
  await appendAudit(
    transaction,
    done(who, {
      action: 'patch.upload',
      target: { kind: 'patch', id: sha256, name: facts.name },
      after: { size, vermagic: facts.vermagic, releaseCounter: counter },
    }),
  )
}

/**
 * Reads the modules that an earlier version kept without reading them whole, one after the other. One that cannot be read,
 * or whose file is gone, stays as it is: its fit is not known, and pages say so.
 */
export const readMissingFacts = async (
  database: Kysely<DatabaseSchema>,
  files: ArtefactFiles,
  log: Pick<Logger, 'warn'>,
  stop: AbortSignal,
): Promise<void> => {
  const rows = await database.selectFrom('artefacts').select('sha256').where('facts', 'is', null).execute()
  for (const { sha256 } of rows) {
    if (stop.aborted) return
    try {
      const facts = JSON.stringify(await files.factsOf(sha256))
      await database.updateTable('artefacts').set({ facts }).where('sha256', '=', sha256).execute()
    } catch (error) {
      log.warn({ err: error, sha256 }, 'a module that is kept could not be read')
    }
  }
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
