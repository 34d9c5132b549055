/**
 * A driver of rollouts in a process of its own, which a test freezes and wakes. `CONNECTION` is a PoolConfig as JSON. With
 * `FREEZE_BEFORE`, it stops itself, once, before a statement that this regular expression finds, when one that
 * `FREEZE_AFTER` finds went before it. Tells its parent after each look: the number of its lease, or null.
 */
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { systemClock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { createFitHosts } from '../patches/fit-hosts.ts'
import { createRolloutDriver } from './driver.ts'

const { CONNECTION = '{}', FREEZE_BEFORE, FREEZE_AFTER = '' } = process.env
let awaited = FREEZE_BEFORE === undefined ? [] : [new RegExp(FREEZE_AFTER), new RegExp(FREEZE_BEFORE)]

const freezeAt = (text: string): void => {
  if (awaited[0]?.test(text) !== true) return
  awaited = awaited.slice(1)
  // Nothing of this process goes on behind this line until it is woken.
  if (awaited.length === 0) process.kill(process.pid, 'SIGSTOP')
}

const pool = new pg.Pool(JSON.parse(CONNECTION) as pg.PoolConfig)
pool.on('error', () => undefined)
pool.on('connect', (client) => {
  // The database ends the transaction of one that is frozen, and its connection: as database/connect.ts has it.
  client.on('error', () => undefined)
  const query = client.query.bind(client) as (text: string, values: unknown[]) => unknown
  client.query = ((text: string, values: unknown[]) => {
    freezeAt(text)
    return query(text, values)
  }) as typeof client.query
})
const database = new Kysely<DatabaseSchema>({ dialect: new PostgresDialect({ pool }) })
const log = { info: () => undefined, warn: () => undefined }
const driver = createRolloutDriver({
  ...{ database, log, clock: systemClock, fitHosts: createFitHosts(database) },
  fetch: async () => new Response(null, { status: 500 }),
})
process.once('disconnect', () => process.exit())
for (;;) {
  await driver.look()
  process.send?.({ leads: driver.leads() })
  await new Promise((resolve) => setTimeout(resolve, 100))
}
