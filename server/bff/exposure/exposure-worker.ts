/** Judges classes of hosts when told to, until it is ended. Started by judge-apart.ts. */
import os from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { Kysely, PostgresDialect } from 'kysely'
import pg, { type PoolConfig } from 'pg'
import { systemClock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { JudgeSays } from './judge-apart.ts'
import { createJudge } from './judge-pass.ts'

/** Of the time that it worked: so long it leaves processors and database to whoever waits for a page. */
const REST_SHARE = 0.3

const say = (message: JudgeSays) => parentPort?.postMessage(message)

try {
  // sched(7), "The nice value": on Linux it is of the thread that asks, so pages keep theirs.
  os.setPriority(0, os.constants.priority.PRIORITY_LOW)
} catch {
  // A sandbox may forbid it.
}

const pool = new pg.Pool({ ...(workerData as PoolConfig), max: 1, application_name: 'rebootless exposure' })
pool.on('error', () => undefined)
pool.on('connect', (client) => client.on('error', () => undefined))
const judge = createJudge(new Kysely<DatabaseSchema>({ dialect: new PostgresDialect({ pool }) }), {
  clock: systemClock,
  onProgress: (left) => say({ kind: 'left', left }),
  rest: (workedMs) => sleep(workedMs * REST_SHARE),
})

parentPort?.on('message', () => {
  judge.pass().then(
    (passed) => say({ kind: 'passed', passed }),
    (error: unknown) => say({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  )
})
