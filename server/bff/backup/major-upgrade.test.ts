// Goal: a data folder of an older major version of PostgreSQL is brought to ours with every row, or is left as it was. Method: a
// real folder made by PostgreSQL 17, brought over by the real start; refused, killed at several moments, undone and done again.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { appendAudit } from '../audit/append-audit.ts'
import { connect, type Database } from '../database/connect.ts'
import type { BinariesPackage } from '../database/embedded/binaries.ts'
import { endPostmaster, findPostmaster } from '../database/embedded/postmaster.ts'
import { olderPostgres } from '../database/embedded/test-older-postgres.ts'
import type { CopyDatabase } from '../database/embedded/upgrade-cluster.ts'
import { migrate } from '../database/migrate.ts'
import type { Migration } from '../database/migration.ts'
import { migrations } from '../database/migrations/index.ts'
import { prepareSchema } from '../database/prepare-schema.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { chainFaults, dumpDatabase } from '../database/test-dump.ts'
import { copyDatabase } from './copy-database.ts'
import { schemaOf } from './test-backup.ts'
import { fillEveryTable } from './test-fill.ts'

const MEBIBYTE = 1024 * 1024
/** So much that there is a middle to be killed in. */
const ROWS = 20_000
/** Of the release that the folder is from: the last step comes after the upgrade. */
const OLDER = migrations.slice(0, -1)

const warned = vi.fn<(...said: unknown[]) => void>()
const log = { info: () => undefined, warn: warned, error: () => undefined }
const copy: CopyDatabase = (request) => copyDatabase(request, migrations, '1.2.3')
let folder: string
let home: string
let seventeen: BinariesPackage
let before: Record<string, string[]>
let schema: string[]
const children = new Set<ChildProcess>()

const settings = { fsync: 'off' }
const openOld = () => connect({ embedded: { dataDirectory: folder, binaries: seventeen, settings }, log })
const openNew = (change: { copyDatabase?: CopyDatabase; freeBytes?: () => Promise<number> } = {}) =>
  connect({ embedded: { dataDirectory: folder, copyDatabase: copy, settings, ...change }, log })
/** As the role that owns the tables, before the program of today has given its own role what it needs. */
const asOwner = async <T>({ owner }: Database, work: (kysely: Kysely<DatabaseSchema>) => Promise<T>): Promise<T> => {
  const kysely = new Kysely<DatabaseSchema>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ ...owner, max: 1 }) }),
  })
  return work(kysely).finally(() => kysely.destroy())
}
const dump = (database: Database) => asOwner(database, dumpDatabase)
const majorOf = async (cluster: string) => (await readFile(path.join(home, cluster, 'PG_VERSION'), 'utf8')).trim()
const versionOf = async (kysely: Kysely<DatabaseSchema>) =>
  (await sql<{ major: number }>`select current_setting('server_version_num')::int / 10000 as major`.execute(kysely))
    .rows[0]?.major
const refusal = (opening: Promise<Database>) =>
  opening.then(
    async (database) => {
      await database.close()
      return 'opened'
    },
    (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : ''),
  )

beforeAll(async () => {
  seventeen = await olderPostgres()
  folder = await mkdtemp(path.join(os.tmpdir(), 'rebootless-major-'))
  await chmod(folder, 0o755)
  home = path.join(folder, 'postgres')
  const database = await openOld()
  await asOwner(database, async (kysely) => {
    await migrate(kysely, OLDER)
    await kysely.transaction().execute((transaction) =>
      appendAudit(
        transaction,
        ...['first', 'second', 'third'].map((reason) => ({
          ...{ at: '2026-11-27T12:00:00.000Z', action: 'host.remove', reason, result: 'done' as const },
          ...{ requestId: null, problem: null },
          actor: { kind: 'server' as const, id: null, name: 'test', address: null },
          ...{ target: null, before: null, after: null },
        })),
      ),
    )
    await sql`insert into server_keys (name, fingerprint, noted_at)
    select n || 'key', md5(n::text), now() from generate_series(1, ${ROWS}) as n`.execute(kysely)
    await fillEveryTable(kysely)
    before = await dumpDatabase(kysely)
    schema = await schemaOf(kysely)
    expect(await versionOf(kysely)).toBe(17)
  })
  await database.close()
})
afterAll(async () => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL')
  for (const name of await readdir(home).catch(() => [])) {
    const left = await findPostmaster(path.join(home, name))
    if (left) await endPostmaster(left.identity, 5_000)
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

const isAsItWas = async () => {
  expect(await majorOf('cluster')).toBe('17')
  const database = await openOld()
  expect(await dump(database)).toEqual(before)
  await database.close()
}

test('who brings nothing to copy by leaves it alone, and says who does', async () => {
  const bare = connect({ embedded: { dataDirectory: folder }, log })
  expect(await refusal(bare)).toMatch(
    /made by PostgreSQL 17; this Rebootless brings 18.*Start Rebootless once.*Nothing/,
  )
  expect(await majorOf('cluster')).toBe('17')
})

test('too little disk: refused with how much is needed', async () => {
  const tight = refusal(openNew({ freeBytes: async () => 520 * MEBIBYTE }))
  expect(await tight).toMatch(/^DatabaseUnusableError: .*520 MiB are free, and \d{3} are needed. The database was not/)
  expect(await readdir(home)).not.toContain('cluster.upgrade')
  expect(await majorOf('cluster')).toBe('17')
})

test('T31 rows that cannot be copied: refused without their values, and left as it was', async () => {
  const failing: CopyDatabase = async () => {
    throw Object.assign(new Error('Key (name)=(canary)'), { severity: 'ERROR', code: '23505' })
  }
  expect(await refusal(openNew({ copyDatabase: failing }))).toMatch(
    /could not be brought from PostgreSQL 17 to 18: PostgreSQL refused it \(23505\)\. It is as it was/,
  )
  await isAsItWas()
})

test('rows that came out otherwise are found, and the old one stays', async () => {
  const rounding: Migration = {
    id: OLDER.at(-1)?.id ?? '',
    async up(transaction) {
      await OLDER.at(-1)?.up(transaction)
      await sql`alter table server_keys alter noted_at type timestamptz(0)`.execute(transaction)
    },
  }
  const known = [...OLDER.slice(0, -1), rounding, ...migrations.slice(-1)]
  expect(await refusal(openNew({ copyDatabase: (request) => copyDatabase(request, known, '1.2.3') }))).toMatch(
    /The rows of server_keys are not the same after they were copied \(20000 and 20000\).*It is as it was/,
  )
  expect(await majorOf('cluster')).toBe('17')
})

test('of a newer Rebootless: refused, and nothing of the copy is left', async () => {
  const newer = refusal(openNew({ copyDatabase: (request) => copyDatabase(request, OLDER.slice(0, -1), '1.2.3') }))
  expect(await newer).toMatch(/newer than this program.*It is as it was/)
  expect((await readdir(home)).filter((name) => name.startsWith('cluster'))).toEqual(['cluster'])
})

/** Throws until a file of the new cluster's tables is large. */
const largeTable = async () => {
  const base = path.join(home, 'cluster.upgrade/base')
  const sizes = (await readdir(base, { recursive: true })).map(async (name) => (await stat(path.join(base, name))).size)
  if (Math.max(...(await Promise.all(sizes))) < MEBIBYTE) throw new Error('not yet')
}

/** Its pid file is written by the server that fills it. */
const MOMENTS: [string, () => Promise<unknown>][] = [
  ['when the new one is being made', () => stat(path.join(home, 'cluster.upgrade.new'))],
  ['when both run', () => stat(path.join(home, 'cluster.upgrade/postmaster.pid'))],
  ['when rows are being written', largeTable],
]

test.each(MOMENTS)('T37 killed %s, the old one is whole and in its place', async (_when, sign) => {
  const script = path.join(import.meta.dirname, 'test-upgrade-process.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder], { stdio: 'inherit' })
  children.add(child)
  const exited = once(child, 'exit')
  const isThere = () =>
    sign().then(
      () => true,
      () => false,
    )
  // What the one before has left must have gone first.
  for (const wanted of [false, true]) {
    while ((await isThere()) !== wanted) {
      if (child.exitCode !== null) throw new Error('it ended before it could be killed')
      await sleep(10)
    }
  }
  child.kill('SIGKILL')
  await exited
  expect(await majorOf('cluster')).toBe('17')
})

test('T37 after all that, the older Rebootless that somebody goes back to finds every row', isAsItWas)
test('every row is there under PostgreSQL 18, the audit chain holds, and the old one is kept', async () => {
  warned.mockClear()
  const database = await openNew()
  const texts = warned.mock.calls.map((said) => String(said.at(-1)))
  expect(texts.filter((text) => text.includes('PostgreSQL'))).toEqual([
    expect.stringMatching(
      /PostgreSQL 17 is copied into one of PostgreSQL 18: about \d+ MiB more on the disk, and about \d+ min/,
    ),
    expect.stringContaining(`the old one is kept in ${path.join(home, 'cluster-17')}`),
  ])
  expect(await versionOf(database.kysely)).toBe(18)
  expect(await dump(database)).toEqual(before)
  expect(await asOwner(database, schemaOf)).toEqual(schema)
  await prepareSchema(database, migrations, log)
  expect(await chainFaults(database.kysely)).toEqual([])
  // As the program's role, which owns nothing (T30), and with sequences that go on.
  await sql`insert into events (type, host_id, revision, at) values ('host.changed', gen_random_uuid(), 1, now())`.execute(
    database.kysely,
  )
  await expect(sql`delete from audit`.execute(database.kysely)).rejects.toMatchObject({ code: '42501' })
  await database.close()
  expect([await majorOf('cluster'), await majorOf('cluster-17')]).toEqual(['18', '17'])
})

test('a crash between the two renames is finished by the next start', async () => {
  await rename(path.join(home, 'cluster'), path.join(home, 'cluster.proved'))
  const database = await openNew()
  expect((await dump(database)).users).toEqual(before.users)
  await database.close()
  expect(await majorOf('cluster')).toBe('18')
})

test('the older program says how to go back, and one rename does', async () => {
  expect(await refusal(openOld())).toMatch(/made by PostgreSQL 18; this Rebootless brings 17.*put cluster-17/)
  // As if a crash had come before the first rename, and somebody had gone on with the older program since.
  await rename(path.join(home, 'cluster'), path.join(home, 'cluster.proved'))
  await rename(path.join(home, 'cluster-17'), path.join(home, 'cluster'))
  await isAsItWas()
})

test('the way forward is open again, with what the older one has written since', async () => {
  const database = await openOld()
  await asOwner(database, (kysely) =>
    sql`update server_keys set fingerprint = 'later' where name = '1key'`.execute(kysely),
  )
  await database.close()
  const again = await openNew()
  const { rows } = await asOwner(again, (kysely) =>
    sql<{ name: string }>`select name from server_keys where fingerprint = 'later'`.execute(kysely),
  )
  expect(rows).toEqual([{ name: '1key' }])
  await again.close()
  expect(await majorOf('cluster-17')).toBe('17')
})
