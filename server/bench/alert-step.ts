/**
 * `npm run bench -- alert-step`: what a step of alerts costs over 10,000 hosts that stall by 40 causes, while nothing changes, and while
 * one host in a hundred tells its causes anew between two steps. Numbers behind choose others: hosts, causes. Hosts are rows that this run
 * makes in a database of the tests' own; no agent runs.
 */
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { createAlertEngine } from '../bff/alerts/engine.ts'
import { addTestHost } from '../bff/commands/test-fleet.ts'
import type { DatabaseSchema } from '../bff/database/schema.ts'
import { createTestDatabase } from '../bff/database/test-database.ts'
import { startReport } from './report/bench-report.ts'

const [hostCount = 10_000, causeCount = 40] = process.argv.slice(2).map(Number)
const STEPS = 30
const SNAPSHOTS_AT_ONCE = 500

const report = startReport('alert-step')
report.note(`${hostCount} hosts that stall by ${causeCount} causes; hosts are rows, no agent runs.`)
const database = await createTestDatabase()
let waitedMs = 0
const kysely = new Kysely<DatabaseSchema>({
  dialect: new PostgresDialect({ pool: new pg.Pool({ ...database.connection, max: 4 }) }),
  log: ({ queryDurationMillis: ms }) => {
    waitedMs += ms
  },
})

const model = await addTestHost(kysely, { name: 'model', labels: { env: 'prod' } })
await sql`
  insert into hosts select (jsonb_populate_record(model, jsonb_build_object(
    'id', gen_random_uuid(), 'name', 'host-' || n, 'name_sort', 'host-' || n, 'state', 'stalled'
  ))).* from hosts as model, generate_series(1, ${hostCount - 1}) as n where model.id = ${model.id}`.execute(kysely)
await sql`
  insert into host_readings select (jsonb_populate_record(
    null::host_readings, to_jsonb(readings) || jsonb_build_object('host_id', hosts.id))).*
  from host_readings as readings, hosts where readings.host_id = ${model.id} and hosts.id <> ${model.id}`.execute(
  kysely,
)
await sql`
  insert into host_causes (host_id, key, state, state_rank, title, explanation, filter, since, origin, name_sort)
  select id, 'task|kworker-' || n % ${causeCount}, 'stalled', 1, 'Waiting for kworker-' || n % ${causeCount},
    'It sleeps in a patched function.', '', now() - interval '1 hour', origin, name_sort
  from (select hosts.*, row_number() over (order by id) as n from hosts) as host`.execute(kysely)

let at = Date.now()
const engine = createAlertEngine({
  ...{ database: kysely, now: () => new Date(at), version: '0.1.0' },
  readOwnFacts: async () => ({ disks: [], database: null, lagMs: 0, authorities: [] }),
  readDueDates: async () => ({ exposures: [], exceptions: [] }),
  log: { info: () => undefined, warn: (...words: unknown[]) => console.error(...words) },
})

const stepMs = async (): Promise<{ wall: number; waited: number; processor: number }> => {
  waitedMs = 0
  const startedAt = performance.now()
  const used = process.cpuUsage()
  await engine.look()
  at += 2_000
  return { wall: performance.now() - startedAt, waited: waitedMs, processor: process.cpuUsage(used).user / 1000 }
}

const measure = async (what: string, between: () => Promise<unknown>): Promise<void> => {
  const steps: Awaited<ReturnType<typeof stepMs>>[] = []
  for (let count = 0; count < STEPS; count += 1) {
    await between()
    steps.push(await stepMs())
  }
  const part = (of: (step: (typeof steps)[number]) => number) => steps.map(of)
  report.row({ what: `a step, ${what}`, unit: 'ms', values: part(({ wall }) => wall) })
  report.row({ what: 'of it for the database', unit: 'ms', values: part(({ waited }) => waited) })
  report.row({ what: 'of it this program’s processor', unit: 'ms', values: part(({ processor }) => processor) })
}

// Until all snapshots are taken up, and every alert has fired.
for (let count = 0; count < hostCount / SNAPSHOTS_AT_ONCE + 3; count += 1) await stepMs()
await sql`vacuum analyze`.execute(kysely)
await measure('nothing changes', async () => undefined)
await measure('one host in a hundred tells anew', () =>
  sql`
    with gone as (delete from host_causes where host_id in (
      select host_id from host_causes order by random() limit ${Math.ceil(hostCount / 100)}
    ) returning *)
    select count(*) from gone`
    .execute(kysely)
    .then(() =>
      sql`
        insert into host_causes (host_id, key, state, state_rank, title, explanation, filter, since, origin, name_sort)
        select id, 'task|kworker-0', 'stalled', 1, 'Waiting for kworker-0', 'It sleeps in a patched function.', '', now(),
          origin, name_sort
        from hosts where not exists (select from host_causes where host_id = hosts.id)`.execute(kysely),
    ),
)
await report.end()
await engine.close()
await kysely.destroy()
await database.drop()
