/**
 * `npm run bench -- ingestion`: what hosts say, hello and snapshot of each, by the code that stores it in the program, beside
 * PostgreSQL's own COPY of the very rows that are there afterwards into empty tables with the same indexes, which is the least that
 * the database takes. By turns. Numbers behind choose others: hosts, rounds.
 */
import { openBenchDatabase } from '@rebootless/server/bench/bench-database.ts'
import { copyAll, rowsSince } from '@rebootless/server/bench/copy-rows.ts'
import { makeFleetRows } from '@rebootless/server/bench/fleet-rows.ts'
import { ingestFleet } from '@rebootless/server/bench/ingest-fleet.ts'
import { type ProgramUnderTest, startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { startReport } from '@rebootless/server/bench/report/bench-report.ts'
import pg from 'pg'
import { superuserOf } from '../superuser.ts'

const [hostCount = 10_000, rounds = 5] = process.argv.slice(2).map(Number)
const measure = async (program: ProgramUnderTest, client: pg.Client): Promise<void> => {
  const database = await openBenchDatabase(program)
  try {
    report.version('PostgreSQL', database.version)
    await makeFleetRows(database.kysely, hostCount, [])
    const [ours, copied]: [number[], number[]] = [[], []]
    let tables: readonly string[] = []
    for (let round = 0; round <= rounds; round += 1) {
      const { rows } = await client.query<{ id: string }>('select pg_current_xact_id()::text as id')
      const seconds = await ingestFleet(database, round + 1)
      const written = await rowsSince(client, rows[0]?.id ?? '')
      const least = await copyAll(client, written)
      tables = written.map(({ table }) => table)
      if (round === 0) continue // it warms up code, plans and files
      ours.push((2 * hostCount) / seconds)
      copied.push((2 * hostCount) / least)
    }
    report.note(`${hostCount} hosts, ${rounds} rounds, rows of ${tables.join(', ')}.`)
    const beside = { name: 'COPY of the same rows', values: copied }
    report.row({ what: 'messages that are stored', unit: 'a second', values: ours, beside })
  } finally {
    await database.close()
  }
}

const report = startReport('ingestion')
const program = await startProgramUnderTest(0)
try {
  const client = new pg.Client(await superuserOf(program.dataDirectory))
  await client.connect()
  await measure(program, client).finally(() => client.end())
} finally {
  await program.stop()
}
process.exit((await report.end()) ? 0 : 1)
