/**
 * `npm run bench rollout-driver`: what a look of the driver costs over a real PostgreSQL, 10,000 hosts in 20 waves, from the first order
 * to the end, beside a bare transaction that reads a number of each of these hosts and writes one row; and how soon a rollout goes on after
 * its leader was killed in the middle: the program's own start and the dead leader's lease are in it, and 5 s are asked for. Numbers
 * behind choose others: hosts, waves. Hosts are rows that this run makes, and answers; no agent runs.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import type { DatabaseSchema } from '../bff/database/schema.ts'
import { startRolloutBench } from '../bff/rollouts/test-rollouts.ts'
import { startProgramUnderTest } from './program-under-test.ts'
import { startReport } from './report/bench-report.ts'

const [hostCount = 10_000, waveCount = 20] = process.argv.slice(2).map(Number)
const AT_ONCE = 500
const GOES_ON_MS = 5_000
const ROUNDS_MAX = 2_000

const plan = {
  waves: Array.from({ length: waveCount }, (_, index) => ({
    name: `wave ${index + 1}`,
    share: index === waveCount - 1 ? { kind: 'rest' } : { kind: 'percent', percent: 100 / waveCount },
  })),
  gates: [{ kind: 'agents' }, { kind: 'transitions', percent: 90, withinSeconds: 600 }],
  limits: { atOnce: AT_ONCE, domains: [] },
}

/** So many hosts that are in the catalogue's fit and heard. */
const addHosts = async (bench: Awaited<ReturnType<typeof startRolloutBench>>) => {
  const names = Array.from({ length: hostCount }, (_, index) => `host-${String(index).padStart(5, '0')}`)
  const lanes = Array.from({ length: 4 }, async () => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      await bench.addHost(name, { labels: { rack: `r${name.slice(-2)}` } })
    }
  })
  await Promise.all(lanes)
}

const bareLook = async (database: Kysely<DatabaseSchema>, id: string): Promise<number> => {
  const began = performance.now()
  await database.transaction().execute(async (transaction) => {
    await sql`select hosts.id, hosts.revision from rollout_hosts join hosts on hosts.id = rollout_hosts.host_id
      where rollout_id = ${id}`.execute(transaction)
    await sql`update leases set until = until where name = 'rollouts'`.execute(transaction)
  })
  return performance.now() - began
}

const wholeRollout = async (): Promise<string> => {
  const bench = await startRolloutBench()
  try {
    await addHosts(bench)
    const began = performance.now()
    const id = await bench.make(plan)
    report.row({
      what: `keeping the plan with its ${hostCount} hosts`,
      unit: 'ms',
      values: [performance.now() - began],
    })
    await bench.act(id, { kind: 'start', reason: 'bench' })
    const driver = bench.driverOver()
    const looks: number[] = []
    const bare: number[] = []
    let phase = ''
    for (let round = 0; round < ROUNDS_MAX && phase !== 'done'; round += 1) {
      const from = performance.now()
      await driver.look()
      looks.push(performance.now() - from)
      if (round % 10 === 0) bare.push(await bareLook(bench.kysely, id))
      await bench.answerAtOnce(id)
      bench.advance(1_000)
      const row = await bench.kysely.selectFrom('rollouts').select('phase').where('id', '=', id).executeTakeFirst()
      phase = row?.phase ?? ''
    }
    report.note(`${hostCount} hosts, ${waveCount} waves, ${looks.length} looks: ${phase}.`)
    const beside = { name: 'bare transaction', values: bare }
    report.row({ what: 'a look of the driver', unit: 'ms', values: looks, beside })
    return phase
  } finally {
    await bench.end()
  }
}

const fencingOf = async (pool: pg.Pool) =>
  (await pool.query<{ fencing: string; version: string }>('select fencing, version from rollouts')).rows[0]

/** Killed in the middle and started again; how long until the rollout's row is written by the new leader. */
const goesOn = async (): Promise<void> => {
  const program = await startProgramUnderTest(0)
  let pool = new pg.Pool({ connectionString: await program.databaseUrl() })
  pool.on('error', () => undefined)
  try {
    const kysely = new Kysely<DatabaseSchema>({ dialect: new PostgresDialect({ pool }) })
    const bench = await startRolloutBench({ kysely, connection: {}, drop: async () => undefined }, Date.now())
    await addHosts(bench)
    const id = await bench.make(plan)
    await bench.act(id, { kind: 'start', reason: 'bench' })
    while (((await fencingOf(pool))?.version ?? '0') === '0') await sleep(50)
    const before = (await fencingOf(pool))?.fencing
    await program.kill()
    const killed = performance.now()
    await program.restart()
    const ready = performance.now()
    await pool.end()
    pool = new pg.Pool({ connectionString: await program.databaseUrl() })
    while ((await fencingOf(pool))?.fencing === before) await sleep(20)
    const on = performance.now()
    report.row({ what: 'killed in the middle, until ready', unit: 'ms', values: [ready - killed] })
    const budget = { of: 'median', atMost: GOES_ON_MS } as const
    report.row({ what: 'killed in the middle, until it goes on', unit: 'ms', values: [on - killed], budget })
  } finally {
    await pool.end()
    await program.stop()
  }
}

const report = startReport('rollout-driver')
const phase = await wholeRollout()
await goesOn()
if (!(await report.end()) || phase !== 'done') process.exitCode = 1
process.exit()
