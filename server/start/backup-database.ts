import { setTimeout as sleep } from 'node:timers/promises'
import pg, { type PoolConfig } from 'pg'
import { BackupError, messageOf } from '../bff/backup/backup-error.ts'
import type { DatabaseLog } from '../bff/database/database-log.ts'
import { startEmbeddedPostgres } from '../bff/database/embedded/embedded-postgres.ts'
import { runningDatabase } from '../bff/database/embedded/running-database.ts'
import type { BackendSettings } from '../bff/settings.ts'

type Settings = Pick<BackendSettings, 'databaseUrl' | 'databaseDirectUrl' | 'databaseOwnerUrl' | 'dataFolder'>

export interface OpenDatabase {
  readonly client: pg.Client
  close(): Promise<void>
}

/** PostgreSQL, appendix A: cannot_connect_now. */
const STARTING = '57P03'
const STARTING_MS_MAX = 30_000

const connect = async (target: PoolConfig): Promise<pg.Client> => {
  const deadline = performance.now() + STARTING_MS_MAX
  for (;;) {
    // A client's timeouts are of the program's short statements; a backup's are long.
    const client = new pg.Client({ ...target, application_name: 'rebootless backup', keepAlive: true })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return client
    } catch (error) {
      await client.end().catch(() => undefined)
      const { code } = error as { code?: unknown }
      if (code !== STARTING || performance.now() > deadline) throw error
      await sleep(200)
    }
  }
}

const connectByUrl = async (url: string): Promise<OpenDatabase> => {
  const client = await connect({ connectionString: url }).catch((error: unknown) => {
    const { code } = error as { code?: unknown }
    // The error of a URL that is none holds the URL, and so the password.
    const why = code === 'ERR_INVALID_URL' ? 'it is no URL of the form postgres://…' : messageOf(error)
    throw new BackupError(`The database of DATABASE_URL does not let us in: ${why}.`)
  })
  return { client, close: () => client.end() }
}

const startOwn = async (dataFolder: string, log: DatabaseLog, as: 'connection' | 'owner'): Promise<OpenDatabase> => {
  const embedded = await startEmbeddedPostgres({ dataDirectory: dataFolder, log })
  try {
    const client = await connect(embedded[as])
    return { client, close: () => client.end().finally(() => embedded.stop()) }
  } catch (error) {
    await embedded.stop()
    throw error
  }
}

/** Beside the server that runs; where none does, its embedded database is started for the while. @throws BackupError */
export const openForBackup = async (settings: Settings, log: DatabaseLog): Promise<OpenDatabase> => {
  if (settings.databaseUrl !== undefined) return connectByUrl(settings.databaseDirectUrl ?? settings.databaseUrl)
  const target = await runningDatabase({ dataDirectory: settings.dataFolder })
  try {
    const client = await connect(target)
    return { client, close: () => client.end() }
  } catch (error) {
    const { code } = error as { code?: unknown }
    // Nobody listens on its socket.
    if (code !== 'ENOENT' && code !== 'ECONNREFUSED') throw error
    return startOwn(settings.dataFolder, log, 'connection')
  }
}

/** As the role that is to own the tables; the embedded database is made. @throws BackupError */
export const openForRestore = async (settings: Settings, log: DatabaseLog): Promise<OpenDatabase> => {
  const url = settings.databaseOwnerUrl ?? settings.databaseDirectUrl ?? settings.databaseUrl
  return url === undefined ? startOwn(settings.dataFolder, log, 'owner') : connectByUrl(url)
}
