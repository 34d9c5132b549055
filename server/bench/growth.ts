/**
 * `npm run bench -- growth`: what 100, 1,000, 10,000 and 100,000 hosts cost, and with which exponent of the number of hosts time and memory
 * grow: until each host's hello and snapshot are stored, by the code that stores them in the program, and the first pages of the built
 * program after a change. Numbers behind choose other sizes, with commas between them.
 */
import { type BenchDatabase, openBenchDatabase } from './bench-database.ts'
import { judgeAll, makeClasses, shippedCves } from './exposure-rows.ts'
import { quantile } from './figures.ts'
import { changeHost, makeFleetRows } from './fleet-rows.ts'
import { ingestFleet } from './ingest-fleet.ts'
import { memoryOf } from './memory.ts'
import { type ProgramUnderTest, startProgramUnderTest } from './program-under-test.ts'
import { startReport } from './report/bench-report.ts'
import { growthExponent } from './report/growth-exponent.ts'

const [sizes = '100,1000,10000,100000'] = process.argv.slice(2)
const CLASSES = 50
const ASKED = 20
const WARM = 3
const PAGES = { 'the fleet page': '/api/v1/fleet/summary', 'the first page of hosts': '/api/v1/hosts' }
const INGESTION_EXPONENT_MAX = 1.05
const PAGE_EXPONENT_MAX = 0.7

type Cost = (readonly [size: number, cost: number])[]
const costs = new Map<string, { points: Cost; atMost: number | undefined }>()
const keep = (what: string, unit: string, size: number, values: readonly number[], atMost?: number): void => {
  report.row({ what: `${size.toLocaleString('en')} hosts: ${what}`, unit, values })
  const known = costs.get(what) ?? { points: [], atMost }
  known.points.push([size, quantile(values, 0.5)])
  costs.set(what, known)
}

const pageMs = async (program: ProgramUnderTest, database: BenchDatabase, path: string): Promise<number[]> => {
  const taken: number[] = []
  for (let n = 0; n < WARM + ASKED; n += 1) {
    await changeHost(database.kysely, `host-${String(1 + n).padStart(6, '0')}`)
    const startedAt = performance.now()
    await (await program.ask('GET', path)).text()
    taken.push(performance.now() - startedAt)
  }
  return taken.slice(WARM)
}

const measure = async (size: number, program: ProgramUnderTest, database: BenchDatabase): Promise<void> => {
  report.version('PostgreSQL', database.version)
  await shippedCves(database.kysely)
  await makeFleetRows(database.kysely, size, await makeClasses(database.kysely, CLASSES))
  await judgeAll(database.kysely)
  for (const [what, path] of Object.entries(PAGES)) {
    keep(what, 'ms', size, await pageMs(program, database, path), PAGE_EXPONENT_MAX)
  }
  keep("memory after the pages, PostgreSQL's too", 'MiB', size, [(await memoryOf(program.pid)) / 2 ** 20])
  keep('hello and snapshot of each stored', 's', size, [await ingestFleet(database)], INGESTION_EXPONENT_MAX)
  keep("memory after ingestion, PostgreSQL's too", 'MiB', size, [(await memoryOf(program.pid)) / 2 ** 20])
}

const report = startReport('growth')
for (const size of sizes.split(',').map(Number)) {
  const program = await startProgramUnderTest(0)
  try {
    const database = await openBenchDatabase(program)
    await measure(size, program, database).finally(database.close)
  } finally {
    await program.stop()
  }
}
for (const [what, { points, atMost }] of costs) {
  if (points.length < 2) continue
  report.row({
    ...{ what: `exponent of: ${what}`, unit: '', values: [growthExponent(points)] },
    ...(atMost !== undefined && { budget: { of: 'median', atMost } }),
  })
}
process.exit((await report.end()) ? 0 : 1)
