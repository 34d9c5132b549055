import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { createAlertEngine } from '../bff/alerts/engine.ts'
import { addTestHost } from '../bff/commands/test-fleet.ts'
import type { DatabaseSchema } from '../bff/database/schema.ts'
import { createTestDatabase } from '../bff/database/test-database.ts'

const [hostCount = 2_000, causeCount = 40] = process.argv.slice(2).map(Number)
const database = await createTestDatabase()
const spent = new Map<string, { count: number; ms: number }>()
let isMeasured = false
const kysely = new Kysely<DatabaseSchema>({
  dialect: new PostgresDialect({ pool: new pg.Pool({ ...database.connection, max: 4 }) }),
  log: ({ query, queryDurationMillis: ms }) => {
    if (!isMeasured) return
    const key = query.sql.replace(/\s+/g, ' ').slice(0, 110)
    const was = spent.get(key) ?? { count: 0, ms: 0 }
    spent.set(key, { count: was.count + 1, ms: was.ms + ms })
  },
})

const model = await addTestHost(kysely, { name: 'model', labels: { env: 'prod' } })
await sql`
  insert into hosts select (jsonb_populate_record(model, jsonb_build_object(
    'id', gen_random_uuid(), 'name', 'host-' || n, 'name_sort', 'host-' || n, 'state', 'stalled'
  ))).* from hosts as model, generate_series(1, ${hostCount}) as n where model.id = ${model.id}`.execute(kysely)
await sql`
  insert into host_readings select (jsonb_populate_record(null::host_readings, to_jsonb(readings) || jsonb_build_object('host_id', hosts.id))).*
  from host_readings as readings, hosts where readings.host_id = ${model.id} and hosts.id <> ${model.id}`.execute(
  kysely,
)
await sql`
  insert into host_causes (host_id, key, state, state_rank, title, explanation, filter, since)
  select id, 'task|kworker-' || n % ${causeCount}, 'stalled', 1, 'Waiting for kworker-' || n % ${causeCount}, 'It sleeps in a patched function.', '', now() - interval '1 hour'
  from (select id, row_number() over (order by id) as n from hosts) as host`.execute(kysely)
await sql`vacuum analyze`.execute(kysely)

let at = Date.now()
const engine = createAlertEngine({
  ...{ database: kysely, now: () => new Date(at), version: '0.1.0' },
  readOwnFacts: async () => ({ disks: [], database: null, lagMs: 0, authorities: [] }),
  readDueDates: async () => ({ exposures: [], exceptions: [] }),
  log: { info: () => undefined, warn: (...words: unknown[]) => console.log(...words) },
})
const look = async () => {
  const from = performance.now()
  const cpu = process.cpuUsage()
  await engine.look()
  at += 2_000
  return { ms: performance.now() - from, cpu: process.cpuUsage(cpu).user / 1000 }
}
for (let n = 0; n < Math.ceil(hostCount / 500) + 2; n += 1) console.log('first', n, Math.round((await look()).ms))
await sql`vacuum analyze`.execute(kysely)
isMeasured = true
const times: { ms: number; cpu: number }[] = []
for (let n = 0; n < 20; n += 1) times.push(await look())
const at10 = (of: (t: { ms: number; cpu: number }) => number) => times.map(of).sort((a, b) => a - b)[2]
console.log('step', hostCount, 'ms', at10(({ ms }) => ms)?.toFixed(1), 'cpu', at10(({ cpu }) => cpu)?.toFixed(1))
for (const [key, { count, ms }] of [...spent].sort((a, b) => b[1].ms - a[1].ms).slice(0, 14)) {
  console.log((ms / 20).toFixed(2), count / 20, key)
}
for (const text of (process.env.EXPLAIN ?? '').split(';;').filter((one) => one !== '')) {
  const { rows } = await sql<Record<string, string>>`${sql.raw(`explain (analyze, buffers) ${text}`)}`.execute(kysely)
  console.log(rows.map((row) => Object.values(row)[0]).join('\n'))
}
await engine.close()
if (process.env.EXPLAIN !== undefined)
  for (const t of ['hosts', 'certificates', 'kernel_incidents'])
    console.log(
      (
        await sql<{
          d: string
        }>`select pg_get_indexdef(indexrelid) as d from pg_index where indrelid = ${t}::regclass`.execute(kysely)
      ).rows
        .map(({ d }) => d)
        .join('\n'),
    )
await sleep(10)
await kysely.destroy()
await database.drop()
process.exit(0)
