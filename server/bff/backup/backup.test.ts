// Goal: what is restored is what was backed up, row by row, and an archive that is not whole is never begun. Method: real
// PostgreSQL, writers beside the backup, and archives with every kind of damage.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrations } from '../database/migrations/index.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { dumpDatabase } from '../database/test-dump.ts'
import { readArchive } from './archive-reader.ts'
import { restoreBackup } from './restore-backup.ts'
import { schemaOf, startBackupBench, withClient } from './test-backup.ts'
import { fillEveryTable } from './test-fill.ts'

let bench: Awaited<ReturnType<typeof startBackupBench>>
let source: TestDatabase
let dataFolder: string
let file: string
beforeAll(async () => {
  bench = await startBackupBench()
  source = await createTestDatabase()
  dataFolder = await bench.newDataFolder()
  await fillEveryTable(source.kysely)
  file = (await bench.backup(source, dataFolder)).file
})
afterAll(async () => {
  await source.drop()
  await bench.end()
})

/** What a restore changes on purpose (T32): compared by the tests of that. */
const SETTLED = [
  'audit',
  'leases',
  'server_epoch',
  'sessions',
  'sign_in_links',
  'sign_in_challenges',
  'enrolment_tokens',
]

describe('a whole archive', () => {
  test('every table has rows in this test', async () => {
    const empty = Object.entries(await dumpDatabase(source.kysely)).filter(([, rows]) => rows.length === 0)
    expect(empty.map(([name]) => name)).toEqual([])
  })

  test('comes back row by row, with its files, sequences, keys and triggers', async () => {
    const { database, dataFolder: restored } = await bench.restore(file)
    const [before, after] = [await dumpDatabase(source.kysely), await dumpDatabase(database.kysely)]
    for (const name of Object.keys(before)) {
      if (!SETTLED.includes(name)) expect(after[name], name).toEqual(before[name])
    }
    expect(after.audit?.slice(0, before.audit?.length)).toEqual(before.audit)
    for (const name of ['command-key.pem', 'certificate-authority.pem', 'secrets.key']) {
      expect(await readFile(path.join(restored, name), 'utf8')).toBe(
        await readFile(path.join(dataFolder, name), 'utf8'),
      )
    }
    expect(await schemaOf(database.kysely)).toEqual(await schemaOf(source.kysely))
    await expect(sql`delete from audit`.execute(database.kysely)).rejects.toMatchObject({ code: '42501' })
    await expect(
      sql`insert into commands (id, authorisation_id, part, host_id, not_before, state, created_at)
      values (gen_random_uuid(), gen_random_uuid(), 'action', gen_random_uuid(), now(), 'waiting', now())`.execute(
        database.kysely,
      ),
    ).rejects.toMatchObject({ code: '23503' })
    await sql`insert into events (type, host_id, revision, at) values ('host.changed', gen_random_uuid(), 1, now())`.execute(
      database.kysely,
    )
  })

  test('T32 is one moment, whoever writes meanwhile: money is moved between two rows, and the sum stays', async () => {
    const busy = await createTestDatabase()
    try {
      // Between the tables that the money is in, so that they are read at different times.
      await sql`insert into rollout_templates (id, name, about, plan, written_by, written_at)
        select gen_random_uuid(), 'bulk-' || n, '', repeat(md5(n::text), 60), 'me', now()
        from generate_series(1, 4000) as n`.execute(busy.kysely)
      await sql`insert into server_keys (name, fingerprint, noted_at) values ('a', '1000', now()), ('b', '0', now())`.execute(
        busy.kysely,
      )
      await sql`insert into push_keys (public_key, private_key) values ('0', '')`.execute(busy.kysely)
      let moved = 0
      let writing = true
      const writer = (async () => {
        while (writing) {
          await busy.kysely.transaction().execute(async (transaction) => {
            const change = (name: string, by: number) =>
              sql`update server_keys set fingerprint = (fingerprint::int + ${by})::text where name = ${name}`.execute(
                transaction,
              )
            await change('a', -1)
            await sql`update push_keys set public_key = (public_key::int + 1)::text`.execute(transaction)
            await change('b', 1)
          })
          moved += 1
        }
      })()
      const { file: archive } = await bench.backup(busy, dataFolder)
      writing = false
      await writer
      expect(moved).toBeGreaterThan(3)
      const { database } = await bench.restore(archive)
      const { rows } = await sql<{ name: string; money: number }>`
        select name, fingerprint::int as money from server_keys order by name`.execute(database.kysely)
      const { rows: pushed } = await sql<{ count: number }>`select public_key::int as count from push_keys`.execute(
        database.kysely,
      )
      expect((rows[0]?.money ?? 0) + (rows[1]?.money ?? 0)).toBe(1000)
      expect(rows[1]?.money).toBe(pushed[0]?.count)
    } finally {
      await busy.drop()
    }
  })

  test('a table that is rewritten by a migration is waited for, and never seen as empty', async () => {
    await withClient(source.connection, async (migrating) => {
      await migrating.query('begin')
      await migrating.query('alter table server_keys add column rewritten double precision default random()')
      const backup = bench.backup(source, dataFolder)
      await sleep(300)
      await migrating.query('commit')
      const { manifest } = await backup
      expect(manifest.tables.find(({ name }) => name === 'server_keys')?.rows).toBeGreaterThan(0)
      await migrating.query('alter table server_keys drop column rewritten')
    })
  })

  test('T31 no secret stands in it in the clear, nor does its name of anything', async () => {
    const bytes = await readFile(file)
    const secret = await readFile(path.join(dataFolder, 'secrets.key'), 'utf8')
    const key = (await readFile(path.join(dataFolder, 'command-key.pem'), 'utf8')).split('\n')[1] ?? ''
    expect(key.length).toBeGreaterThan(20)
    for (const canary of [secret, key, 'canary-of-a-row', 'schema_migration']) {
      expect(bytes.includes(canary), canary).toBe(false)
    }
    expect(bytes.subarray(0, 21).toString()).toBe('age-encryption.org/v1')
    expect(JSON.stringify(await dumpDatabase(source.kysely))).toContain('canary-of-a-row')
  })
})

describe('an archive that is not what it should be', () => {
  const refusalOf = async (archive: string, change: Parameters<typeof bench.restore>[1] = {}) => {
    const before = (await readdir(bench.folder)).length
    const refusal = await bench.restore(archive, change).then(
      () => 'restored',
      (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : ''),
    )
    expect((await readdir(bench.folder)).length, 'nothing was begun').toBe(before)
    return refusal
  }
  const changed = async (change: (bytes: Buffer) => Buffer): Promise<string> => {
    const copy = bench.newFile()
    await writeFile(copy, change(Buffer.from(await readFile(file))))
    return copy
  }

  test.each([0.001, 0.3, 0.5, 0.9, 0.9999])('cut short at %d of it', async (share) => {
    const cut = await changed((bytes) => bytes.subarray(0, Math.floor(bytes.length * share)))
    expect(await refusalOf(cut)).toMatch(/^BackupError: .*(damaged|no archive)/)
  })

  test.each([0.02, 0.4, 0.8, 0.99])('one bit changed at %d of it', async (share) => {
    const flipped = await changed((bytes) => {
      const at = Math.floor(bytes.length * share)
      bytes[at] = (bytes[at] ?? 0) ^ 1
      return bytes
    })
    expect(await refusalOf(flipped)).toMatch(/^BackupError: .*(damaged|no archive|does not open)/)
  })

  test('bytes behind its end, an empty file, another file, none', async () => {
    expect(await refusalOf(await changed((bytes) => Buffer.concat([bytes, bytes])))).toMatch(/damaged/)
    expect(await refusalOf(await changed(() => Buffer.alloc(0)))).toMatch(/no archive/)
    expect(await refusalOf(await changed(() => Buffer.from('hello')))).toMatch(/no archive/)
    expect(await refusalOf(path.join(bench.folder, 'none.age'))).toMatch(/There is no file/)
  })

  test('another key, and a passphrase where there is none', async () => {
    const other = await startBackupBench()
    try {
      expect(await refusalOf(file, { key: other.key })).toMatch(/does not open with this key/)
      expect(await refusalOf(file, { key: { kind: 'passphrase', passphrase: 'x'.repeat(20) } })).toMatch(
        /does not open/,
      )
    } finally {
      await other.end()
    }
  })

  test('of a newer schema: refused with what to do', async () => {
    expect(await refusalOf(file, { known: migrations.slice(0, -1) })).toMatch(
      new RegExp(
        `has had ${migrations.at(-1)?.id}, unknown here. Restore it by the Rebootless that made it, or a newer one`,
      ),
    )
  })

  test('into a database that is not empty: refused, and left as it was', async () => {
    const before = await dumpDatabase(source.kysely)
    const refusal = withClient(source.connection, async (client) => {
      const request = { client, dataFolder: bench.folder, file, key: bench.key, migrations, revocations: [] }
      await restoreBackup({ ...request, id: crypto.randomUUID(), now: () => new Date() })
    })
    await expect(refusal).rejects.toThrow(/The database is not empty/)
    expect(await dumpDatabase(source.kysely)).toEqual(before)
  })

  test('a passphrase opens what it closed', async () => {
    const lock = { kind: 'passphrase', passphrase: 'correct horse battery staple', workFactor: 10 } as const
    const { file: archive, manifest } = await bench.backup(source, dataFolder, bench.newFile(), lock)
    expect((await readArchive(archive, lock)).manifest).toEqual(manifest)
    await expect(readArchive(archive, { ...lock, passphrase: 'wrong horse battery staple' })).rejects.toThrow(
      /does not open/,
    )
  })
})
