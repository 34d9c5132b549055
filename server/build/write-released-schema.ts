/**
 * Writes the database of a release into server/bff/database/released, where a test brings it to the newest schema ever after. By hand
 * at each release: run the release for a minute with REBOOTLESS_SIMULATED_HOSTS=4 and a new REBOOTLESS_DATA, do something by its
 * pages, stop it, and then
 *
 *   node --import tsx server/build/write-released-schema.ts --release 1.2.0 --data FOLDER [--from CHECKOUT]
 *
 * CHECKOUT has the sources of the release, and its node_modules; left out: these here. Tables that are still empty are given a row.
 */
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { brotliCompress, constants } from 'node:zlib'
import pg from 'pg'
import pino from 'pino'
import { fillEveryTable } from '../bff/backup/test-fill.ts'
import { startEmbeddedPostgres } from '../bff/database/embedded/embedded-postgres.ts'
import { kyselyOver } from '../bff/database/kysely-over.ts'
import type { Migration } from '../bff/database/migration.ts'
import { createBareDatabase } from '../bff/database/test-database.ts'
import { dumpDatabase } from '../bff/database/test-dump.ts'
import { ROOT } from './package-lock.ts'
import { type ReleasedSchema, readRows, recordSteps } from './released-schema.ts'

const FOLDER = path.join(ROOT, 'server/bff/database/released')

const { values } = parseArgs({
  options: { release: { type: 'string' }, data: { type: 'string' }, from: { type: 'string' } },
})
const { release, data, from = ROOT } = values
if (release === undefined || data === undefined || !/^[\w.-]+$/.test(release))
  throw new Error('say --release and --data')

const list = pathToFileURL(path.resolve(from, 'server/bff/database/migrations/index.ts')).href
const { migrations }: { migrations: readonly Migration[] } = await import(list)
const bare = await createBareDatabase()
const steps = await recordSteps(bare.connection, migrations).finally(() => bare.drop())

const embedded = await startEmbeddedPostgres({ dataDirectory: path.resolve(data), log: pino({ level: 'silent' }) })
const client = new pg.Client(embedded.owner)
await client.connect()
const before = await dumpDatabase(kyselyOver(client))
const empty = new Set(Object.keys(before).filter((name) => before[name]?.length === 0))
await fillEveryTable(kyselyOver(client))
const rows = await readRows(client, empty)
await client.end()
await embedded.stop()

const commit = execFileSync('git', ['-C', from, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim()
const schema: ReleasedSchema = { format: 'rebootless released schema', release, commit, steps, ...rows }
const packed = await promisify(brotliCompress)(JSON.stringify(schema), {
  params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
})
const file = path.join(FOLDER, `${release}.json.br`)
await writeFile(file, packed, { flag: 'wx' })
console.log(
  `${file}: ${steps.length} steps, ${rows.tables.length} tables of which ${empty.size} were empty, ${packed.length} bytes`,
)
