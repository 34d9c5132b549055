/** Judges classes of hosts when told to, until it is ended. Started by judge-apart.ts. */
import os from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { systemClock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { JudgeSays, JudgeWorkerData } from './judge-apart.ts'
import { createJudge } from './judge-pass.ts'
import { createWay } from './make-way.ts'

const say = (message: JudgeSays) => parentPort?.postMessage(message)

/** sched(7), "The nice value": on Linux it is of the thread, or of the process, that has this number. 0: of the one that asks. */
const putLast = (id: number) => {
  try {
    os.setPriority(id, os.constants.priority.PRIORITY_LOW)
  } catch {
    // A sandbox may forbid it.
  }
}

const { connection, isDatabaseHere, underWay } = workerData as JudgeWorkerData
putLast(0)
const pool = new pg.Pool({ ...connection, max: 1, application_name: 'rebootless exposure' })
pool.on('error', () => undefined)
pool.on('connect', (client) => {
  client.on('error', () => undefined)
  if (!isDatabaseHere) return
  client.query<{ pid: number }>('select pg_backend_pid() as pid').then(
    ({ rows }) => rows[0] && putLast(rows[0].pid),
    () => undefined,
  )
})
const judge = createJudge(new Kysely<DatabaseSchema>({ dialect: new PostgresDialect({ pool }) }), {
  clock: systemClock,
  onProgress: (left) => say({ kind: 'left', left }),
  makeWay: createWay(underWay),
})

parentPort?.on('message', () => {
  judge.pass().then(
    (passed) => say({ kind: 'passed', passed }),
    (error: unknown) => say({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  )
})
