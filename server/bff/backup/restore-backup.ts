import type { Client } from 'pg'
import { kyselyOver } from '../database/kysely-over.ts'
import { MIGRATION_LOCK } from '../database/migrate.ts'
import type { Migration } from '../database/migration.ts'
import { type RestoreReport, settleRestored } from './after-restore.ts'
import type { ArchiveKey } from './archive-keys.ts'
import { readArchive } from './archive-reader.ts'
import type { ArchiveHeader, ArchiveManifest } from './archive-schema.ts'
import { BackupError } from './backup-error.ts'
import { loadTables, makeSchema, migrateOn, requireEmptyDatabase, stepsOf } from './load-database.ts'
import { writeDurably } from './restore-marker.ts'
import type { Revocation } from './revocation-journal.ts'

export interface RestoreRequest {
  /** Connected as the role that is to own the tables. */
  readonly client: Client
  readonly dataFolder: string
  readonly file: string
  readonly key: ArchiveKey
  readonly migrations: readonly Migration[]
  /** Of this restore. */
  readonly id: string
  /** Undefined: nobody knows them. */
  readonly revocations: readonly Revocation[] | undefined
  readonly now: () => Date
}

/**
 * Reads an archive to its end and holds it against itself and against this program; nothing is touched.
 * @throws BackupError
 */
export const inspectArchive = async (
  file: string,
  key: ArchiveKey,
  { migrations, now }: Pick<RestoreRequest, 'migrations' | 'now'>,
): Promise<{ header: ArchiveHeader; manifest: ArchiveManifest }> => {
  const found = await readArchive(file, key, {
    // Said before hours are spent on reading all of it.
    header: async (header) => void stepsOf(header, migrations),
  })
  if (Date.parse(found.header.at) > now().getTime() + CLOCK_OFF_MS_MAX) {
    throw new BackupError(
      `The archive was made at ${found.header.at}, which is still to come by this machine's clock: set the clock right. ` +
        'The epoch that agents go by is taken from it.',
    )
  }
  return found
}

const CLOCK_OFF_MS_MAX = 60_000

/**
 * Puts an archive that was inspected into an empty database and its files into the data folder. The database gets all of it in
 * one transaction that ends last, so that a crash at any moment leaves it empty, or whole and settled.
 * @throws BackupError
 */
export const restoreBackup = async (request: RestoreRequest): Promise<RestoreReport> => {
  const { client, dataFolder, file, key } = request
  await requireEmptyDatabase(client)
  const kysely = kyselyOver(client)
  return kysely.transaction().execute(async (transaction) => {
    await client.query('set local statement_timeout = 0')
    await client.query('set local idle_in_transaction_session_timeout = 0')
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    await requireEmptyDatabase(client)
    let toCome: readonly Migration[] = []
    let finishSchema: Awaited<ReturnType<typeof makeSchema>> | undefined
    let loader: ReturnType<typeof loadTables> | undefined
    const { header, manifest } = await readArchive(file, key, {
      async header(read) {
        const steps = stepsOf(read, request.migrations)
        toCome = steps.toCome
        finishSchema = await makeSchema(client, transaction, read, steps.done)
        loader = loadTables(client, read)
      },
      piece: async (table, bytes) => loader?.piece(table, bytes),
      async file(name, content) {
        // Tables are before it, and their last is still open.
        await loader?.end()
        await writeDurably(dataFolder, name, content)
      },
    })
    const taken = await loader?.end()
    for (const { name, rows } of manifest.tables) {
      if ((taken?.get(name) ?? 0) !== rows) throw new BackupError(`PostgreSQL did not take every row of ${name}.`)
    }
    await finishSchema?.(manifest.sequences)
    await migrateOn(transaction, toCome)
    return await settleRestored(transaction, {
      ...{ id: request.id, archive: header, revocations: request.revocations, now: request.now() },
    })
  })
}

/** Whether the database holds what this restore has put there: it was broken off behind its last step. */
export const wasRestored = async (client: Client, id: string): Promise<boolean> => {
  const { rows } = await client.query<{ there: boolean }>(`select to_regclass('audit') is not null as there`)
  if (rows[0]?.there !== true) return false
  const found = await client.query(`select from audit where action = 'server.restore' and target_id = $1`, [id])
  return found.rowCount === 1
}
