import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { type Kysely, sql } from 'kysely'
import pg, { type PoolConfig } from 'pg'
import type { Migration } from '../database/migration.ts'
import { migrations } from '../database/migrations/index.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { createBareDatabase, type TestDatabase } from '../database/test-database.ts'
import { openCertificateAuthorities } from '../link/certificate-authorities.ts'
import { openCommandKey } from '../link/command-key.ts'
import { loadSecretsKey } from '../secrets/secrets-key.ts'
import { type ArchiveLock, makeIdentity, readIdentities } from './archive-keys.ts'
import { makeBackup } from './make-backup.ts'
import { inspectArchive, type RestoreRequest, restoreBackup } from './restore-backup.ts'

export const withClient = async <T>(connection: PoolConfig, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client(connection)
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** A folder with a key of age, and backups and restores between databases of the test server. */
export const startBackupBench = async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rebootless-backup-'))
  await chmod(folder, 0o755)
  const identityFile = path.join(folder, 'backup.key')
  const recipient = await makeIdentity(identityFile)
  const key = { kind: 'identities', identities: await readIdentities(identityFile) } as const
  const databases: TestDatabase[] = []

  /** As the server makes one at its first start. */
  const newDataFolder = async (): Promise<string> => {
    const dataFolder = await mkdtemp(path.join(folder, 'data-'))
    await openCommandKey(dataFolder)
    await openCertificateAuthorities(dataFolder, new Date())
    await loadSecretsKey({ dataFolder, secretsKey: undefined })
    return dataFolder
  }
  const bare = async (): Promise<TestDatabase> => {
    const database = await createBareDatabase()
    databases.push(database)
    return database
  }
  return {
    ...{ folder, key, recipient, identityFile, newDataFolder, bare },
    newFile: () => path.join(folder, `${randomUUID()}.age`),
    backup: (
      database: Pick<TestDatabase, 'connection'>,
      dataFolder: string,
      file = path.join(folder, `${randomUUID()}.age`),
      lock: ArchiveLock = { kind: 'recipients', recipients: [recipient] },
    ) =>
      withClient(database.connection, async (client) => ({
        file,
        manifest: await makeBackup({ client, dataFolder, secretsKeyGiven: false, lock, program: '1.2.3', file }),
      })),
    /** As the command does it, into a database without a schema and a new folder. */
    async restore(file: string, change: Partial<RestoreRequest> & { known?: readonly Migration[] } = {}) {
      const { known = migrations, ...rest } = change
      const now = rest.now ?? (() => new Date())
      await inspectArchive(file, rest.key ?? key, { migrations: known, now })
      const database = await bare()
      const dataFolder = await mkdtemp(path.join(folder, 'restored-'))
      const report = await withClient(database.connection, (client) =>
        restoreBackup({
          ...{ client, dataFolder, file, key, migrations: known, id: randomUUID(), revocations: [], now },
          ...rest,
        }),
      )
      return { database, dataFolder, report }
    },
    async end(): Promise<void> {
      for (const database of databases) await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Columns, constraints, indexes and triggers, as PostgreSQL writes them; before 18 it had no constraint for what may not be null. */
export const schemaOf = async (database: Kysely<DatabaseSchema>): Promise<string[]> => {
  const { rows } = await sql<{ line: string }>`
    select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) as line from pg_constraint
      where connamespace = current_schema()::regnamespace and contype <> 'n'
    union all select indexdef from pg_indexes where schemaname = current_schema()
    union all select pg_get_triggerdef(oid) || tgenabled::text from pg_trigger where not tgisinternal
    union all select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
      || coalesce(column_default, '') from information_schema.columns where table_schema = current_schema()
    order by 1`.execute(database)
  return rows.map(({ line }) => line)
}
