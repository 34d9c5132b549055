/** Stores what agents say as it is told to, until it is ended. Started by ingest-apart.ts. */
import { parentPort, workerData } from 'node:worker_threads'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { systemClock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { cutWhenSilent } from '../database/silent-connection.ts'
import { CHANGE_LANES, createIngest } from './ingest.ts'
import type { IngestAsk, IngestSays, IngestWorkerData } from './ingest-apart.ts'

let unsaid: IngestSays[] = []
/** The answers to a group come together, and go together. */
const say = (says: IngestSays): void => {
  unsaid.push(says)
  if (unsaid.length > 1) return
  setImmediate(() => {
    parentPort?.postMessage(unsaid)
    unsaid = []
  })
}

const { connection } = workerData as IngestWorkerData
/** One for each lane, and one for heartbeats. */
const pool = new pg.Pool({ ...connection, max: CHANGE_LANES + 1, application_name: 'rebootless ingest' })
pool.on('error', () => undefined)
pool.on('connect', (client) => {
  client.on('error', () => undefined)
  cutWhenSilent(client)
})
const ingest = createIngest({
  database: new Kysely<DatabaseSchema>({ dialect: new PostgresDialect({ pool }) }),
  clock: systemClock,
  observeIncident: (incident) => say({ kind: 'incident', incident }),
})

const answer = (asked: IngestAsk): Promise<unknown> => {
  switch (asked.name) {
    case 'accept':
      return ingest.accept(...asked.arguments)
    case 'linkOpened':
      return ingest.linkOpened(...asked.arguments)
    case 'linkClosed':
      return ingest.linkClosed(...asked.arguments)
    case 'clockMeasured':
      return ingest.clockMeasured(...asked.arguments)
  }
}

const hear = (asked: IngestAsk): void => {
  const { id } = asked
  answer(asked).then(
    (result) => say({ kind: 'done', id, result }),
    (error: unknown) => {
      if (error instanceof DomainError) say({ kind: 'refused', id, code: error.code, detail: error.detail })
      else say({ kind: 'failed', id, message: error instanceof Error ? error.message : String(error) })
    },
  )
}

parentPort?.on('message', (asked: readonly IngestAsk[]) => asked.forEach(hear))
