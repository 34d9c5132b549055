/**
 * `npm run bench -- queries`: four questions about a fleet of 10,000 and of 100,000 hosts, asked of the built program and of Debian's
 * Prometheus by turns, both through HTTP. Prometheus has scraped the same hosts, ten series each, and stands still; here a host changes before
 * each question, so that nothing is answered from what was kept for an unchanged fleet. Before any time is taken the answers are
 * compared. Numbers behind choose others: sizes with commas between them, rounds.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { type BenchDatabase, openBenchDatabase } from '@rebootless/server/bench/bench-database.ts'
import { judgeAll, makeClasses, shippedCves } from '@rebootless/server/bench/exposure-rows.ts'
import { changeHost, makeFleetRows } from '@rebootless/server/bench/fleet-rows.ts'
import { memoryOf } from '@rebootless/server/bench/memory.ts'
import { type ProgramUnderTest, startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { startReport } from '@rebootless/server/bench/report/bench-report.ts'
import type { Budget } from '@rebootless/server/bench/report/bench-row.ts'
import { CveList } from '@rebootless/shared/contract/cves.ts'
import { FleetCounts } from '@rebootless/shared/contract/fleet.ts'
import { HostList } from '@rebootless/shared/contract/host.ts'
import { sql } from 'kysely'
import { readSeries, urgencyOf } from './host-series.ts'
import { type Exposed, type PrometheusOfHosts, type Sample, startPrometheusOfHosts } from './prometheus-of-hosts.ts'

type Database = BenchDatabase['kysely']

const [sizes = '10000,100000', rounds = '40'] = process.argv.slice(2)
const WARM_ROUNDS = 5
const CLASSES = 100
/** Neither is measured with what the other has left to do: Go collects garbage for a while behind its answer. */
const REST_MS = 100
const FIFTH_UP_TO = 10_000
const MS_MAX = 150

interface Question {
  readonly what: string
  readonly path: string
  readonly query: string
  /** What both answers must agree on. */
  readonly ours: (body: unknown) => unknown
  readonly theirs: (samples: readonly Sample[]) => unknown
}

const descending = (numbers: readonly number[]) => numbers.toSorted((left, right) => right - left)
const values = (samples: readonly Sample[]) => descending(samples.map(({ value }) => Number(value[1])))

const QUESTIONS: readonly Question[] = [
  {
    what: 'share of hosts by state',
    path: '/api/v1/fleet/counts',
    query: 'count by (state) (livepatch_host_state)',
    ours: (body) =>
      new Map(
        Object.entries(FleetCounts.parse(body).byState)
          .filter(([, count]) => count > 0)
          .sort(),
      ),
    theirs: (samples) => new Map(samples.map(({ metric, value }) => [metric.state, Number(value[1])] as const).sort()),
  },
  {
    what: 'the 100 most urgent hosts with their kernels',
    path: '/api/v1/hosts',
    query: 'topk(100, livepatch_host_state) * on (host) group_left (kernel) livepatch_kernel_info',
    ours: (body) =>
      descending(HostList.parse(body).items.map(({ state, kernelRelease }) => (kernelRelease ? urgencyOf(state) : -1))),
    theirs: (samples) => values(samples.filter(({ metric }) => metric.kernel !== undefined)),
  },
  {
    what: 'the 50 CVEs to which most hosts are exposed',
    path: '/api/v1/cves?sort=exposed&limit=50',
    query:
      'topk(50, sum by (cve) (livepatch_class_exposed * on (class) group_left () count by (class) (livepatch_class_info)))',
    ours: (body) => descending(CveList.parse(body).items.map(({ hosts }) => hosts.exposed)),
    theirs: values,
  },
  {
    what: 'the 50 hosts that are stalled longest',
    path: '/api/v1/hosts?filter=state:stalled&sort=stateSince&limit=50',
    query: 'topk(50, livepatch_stalled_seconds)',
    ours: (body) => new Set(HostList.parse(body).items.map(({ name }) => name)),
    theirs: (samples) => new Set(samples.map(({ metric }) => metric.host)),
  },
]

const readExposed = (database: Database): Promise<Exposed[]> =>
  database
    .selectFrom('exposure_verdicts')
    .select(['class_id as exposureClass', 'cve_id as cve'])
    .where('status', '=', 'exposed')
    .where('to_at', 'is', null)
    .execute()

const timed = async (program: ProgramUnderTest, path: string): Promise<{ ms: number; body: unknown }> => {
  const startedAt = performance.now()
  const text = await (await program.ask('GET', path)).text()
  return { ms: performance.now() - startedAt, body: JSON.parse(text) }
}

const compare = async (program: ProgramUnderTest, prometheus: PrometheusOfHosts): Promise<void> => {
  for (const { what, path, query, ours, theirs } of QUESTIONS) {
    const [here, there] = [ours((await timed(program, path)).body), theirs((await prometheus.query(query)).samples)]
    if (!isDeepStrictEqual(here, there)) {
      console.log(what, here, there)
      throw new Error(`${what}: the answers differ`)
    }
  }
}

const measure = async (size: number, program: ProgramUnderTest, database: Database): Promise<void> => {
  await shippedCves(database)
  await makeFleetRows(database, size, await makeClasses(database, CLASSES))
  await judgeAll(database)
  // As the server does by itself a minute after so many rows came.
  await sql`vacuum analyze`.execute(database)
  const prometheus = await startPrometheusOfHosts(await readSeries(database), await readExposed(database))
  report.version('Prometheus', prometheus.version)
  try {
    await compare(program, prometheus)
    const taken = QUESTIONS.map((): { ours: number[]; theirs: number[] } => ({ ours: [], theirs: [] }))
    for (let round = -WARM_ROUNDS; round < Number(rounds); round += 1) {
      for (const [index, { path, query }] of QUESTIONS.entries()) {
        await changeHost(database, `host-${String(1 + ((round + WARM_ROUNDS) % size)).padStart(6, '0')}`)
        await sleep(REST_MS)
        const ours = (await timed(program, path)).ms
        await sleep(REST_MS)
        const theirs = (await prometheus.query(query)).ms
        if (round < 0) continue
        taken[index]?.ours.push(ours)
        taken[index]?.theirs.push(theirs)
      }
    }
    const budget: Budget = size <= FIFTH_UP_TO ? { of: 'ratio', atMost: 0.2 } : { of: 'median', atMost: MS_MAX }
    const hosts = `${size.toLocaleString('en')} hosts`
    for (const [index, { what }] of QUESTIONS.entries()) {
      const { ours = [], theirs = [] } = taken[index] ?? {}
      report.row({
        ...{ what: `${hosts}: ${what}`, unit: 'ms', values: ours, budget },
        beside: { name: 'Prometheus', values: theirs },
      })
    }
    report.row({
      ...{ what: `${hosts}: memory, PostgreSQL's too`, unit: 'MiB', values: [(await memoryOf(program.pid)) / 2 ** 20] },
      beside: { name: 'Prometheus', values: [(await memoryOf(prometheus.pid)) / 2 ** 20] },
    })
  } finally {
    await prometheus.stop()
  }
}

const report = startReport('queries')
for (const size of sizes.split(',').map(Number)) {
  const program = await startProgramUnderTest(0)
  try {
    const database = await openBenchDatabase(program)
    report.version('PostgreSQL', database.version)
    await measure(size, program, database.kysely).finally(database.close)
  } finally {
    await program.stop()
  }
}
if (!(await report.end())) process.exitCode = 1
