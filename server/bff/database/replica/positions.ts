import { type Kysely, sql } from 'kysely'
import pg from 'pg'
import type { DatabaseSchema } from '../schema.ts'
import { cutWhenSilent } from '../silent-connection.ts'
import { type PrimaryPosition, parseLsn, type StandbyPosition } from './may-answer.ts'

/** A replica that says nothing for so long is not waited for. */
export const SILENT_MS = 500

/** Of one cluster and one database in it, the same on each copy. */
const IDENTITY = `(select system_identifier::text from pg_control_system()) as cluster,
  (select oid::text from pg_database where datname = current_database()) as database`

/**
 * A commit is in the log on the disk before others see it, unless the role commits asynchronously: then it is at least in the log
 * (PostgreSQL documentation, "Asynchronous Commit").
 */
export const askPrimary = async (primary: Kysely<DatabaseSchema>): Promise<PrimaryPosition> => {
  const { rows } = await sql<Record<'cluster' | 'database' | 'timeline' | 'lsn', string>>`
    select ${sql.raw(IDENTITY)}, left(pg_walfile_name(lsn), 8) as timeline, lsn::text as lsn
    from (select case current_setting('synchronous_commit') when 'off' then pg_current_wal_insert_lsn()
      else pg_current_wal_flush_lsn() end as lsn) as here`.execute(primary)
  const [row] = rows
  if (row === undefined) throw new Error('no answer')
  return { ...row, timeline: Number.parseInt(row.timeline, 16), lsn: parseLsn(row.lsn) }
}

export interface StandbyWatch {
  /** Opens a connection where there is none. Rejects when the replica does not answer in time. */
  ask(): Promise<StandbyPosition>
  close(): void
}

/**
 * One connection that is held for nothing but this, so that its end tells of the replica's: one that starts anew may be further back
 * than it was, since a standby keeps on the disk how far it got only now and then.
 */
export const watchStandby = (url: string, onLost: (cause: string) => void): StandbyWatch => {
  let client: pg.Client | undefined
  const lose = (which: pg.Client, cause: string) => {
    void which.end().catch(() => undefined)
    if (client !== which) return
    client = undefined
    onLost(cause)
  }
  const open = async (): Promise<pg.Client> => {
    const opened = new pg.Client({
      ...{ connectionString: url, application_name: 'rebootless-replica-watch', keepAlive: true },
      connectionTimeoutMillis: SILENT_MS,
    })
    opened.on('error', (error) => lose(opened, error.message))
    opened.on('end', () => lose(opened, 'its connection ended'))
    await opened.connect()
    cutWhenSilent(opened, SILENT_MS)
    client = opened
    return opened
  }
  return {
    async ask() {
      const asked = client ?? (await open())
      try {
        const { rows } = await asked.query<{
          cluster: string
          database: string
          in_recovery: boolean
          timeline: number
          replayed: string | null
        }>(`select ${IDENTITY}, pg_is_in_recovery() as in_recovery,
          (select timeline_id from pg_control_checkpoint()) as timeline, pg_last_wal_replay_lsn()::text as replayed`)
        const [row] = rows
        if (row === undefined) throw new Error('no answer')
        const { in_recovery: inRecovery, replayed, ...rest } = row
        return { ...rest, inRecovery, replayed: replayed === null ? null : parseLsn(replayed) }
      } catch (error) {
        lose(asked, error instanceof Error ? error.message : String(error))
        throw error
      }
    },
    close() {
      const held = client
      client = undefined
      void held?.end().catch(() => undefined)
    },
  }
}
