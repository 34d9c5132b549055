// Goal: the two commands do their work on a server's machine, and a kill at any moment leaves nothing half. Method: the embedded
// database as the server runs it, the programs as processes of their own, and SIGKILL in the middle of each.
import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refuseHalfRestored } from '../bff/backup/restore-marker.ts'
import { connect, type Database } from '../bff/database/connect.ts'
import { migrations } from '../bff/database/migrations/index.ts'
import { prepareSchema } from '../bff/database/prepare-schema.ts'
import { openCertificateAuthorities } from '../bff/link/certificate-authorities.ts'
import { openCommandKey } from '../bff/link/command-key.ts'
import { loadSecretsKey } from '../bff/secrets/secrets-key.ts'
import { buildServer } from '../build/build-server.ts'

const log = pino({ level: 'silent' })
/** So much that there is a middle to be killed in; of no length when packed would be of none. */
const ROWS = 3000
const CANARY = 'canary-in-a-template'

let folder: string
let program: string
let data: string
let database: Database | undefined
let recipient: string
let identity: string
const children = new Set<ChildProcess>()

interface Ran {
  readonly status: number | null
  readonly said: string
}

const start = (args: readonly string[], dataFolder = data): { child: ChildProcess; ended: Promise<Ran> } => {
  const env = { PATH: process.env.PATH, REBOOTLESS_DATA: dataFolder }
  const child = spawn(process.execPath, [program, ...args], { env })
  children.add(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => (said += bytes))
  const ended = new Promise<Ran>((resolve) => child.once('close', (status) => resolve({ status, said })))
  return { child, ended }
}
const run = (args: readonly string[], dataFolder?: string): Promise<Ran> => start(args, dataFolder).ended

const until = async (what: () => Promise<boolean>): Promise<void> => {
  while (!(await what().catch(() => false))) await sleep(5)
}
const isThere = (file: string) => stat(file).then(() => true)

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'backup-console-'))
  await chmod(folder, 0o755)
  // As it is built, beside the packages that it finds by their names.
  await symlink(fileURLToPath(new URL('../../node_modules', import.meta.url)), path.join(folder, 'node_modules'))
  program = await buildServer('backup-main', path.join(folder, 'backup.mjs'))
  data = path.join(folder, 'data')
  database = await connect({ embedded: { dataDirectory: data }, log })
  await prepareSchema(database, migrations, log)
  await openCommandKey(data)
  await openCertificateAuthorities(data, new Date())
  await loadSecretsKey({ dataFolder: data, secretsKey: undefined })
  await sql`insert into server_keys (name, fingerprint, noted_at)
    select n || ${CANARY}, (select string_agg(md5(n || ' ' || m), '') from generate_series(1, 60) as m), now()
    from generate_series(1, ${ROWS}) as n`.execute(database.kysely)
  identity = path.join(folder, 'backup.key')
  const made = await run(['backup', '--new-key', identity])
  recipient = made.said.trim()
})
afterAll(async () => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL')
  await database?.close()
  await rm(folder, { recursive: true, force: true })
})

const rowsOf = async (dataFolder: string) => {
  const opened = await connect({ embedded: { dataDirectory: dataFolder }, log })
  try {
    await prepareSchema(opened, migrations, log)
    const { rows } = await sql<{ keys: number; restores: number; entry: string }>`
      select count(*)::int as keys, (select count(*)::int from audit where action = 'server.restore') as restores,
        (select entry from audit where action = 'server.restore') as entry
      from server_keys`.execute(opened.kysely)
    return rows[0]
  } finally {
    await opened.close()
  }
}

let archive: string

test('T31 T32 a backup beside the running server: written, checked, private, and nothing secret is said or readable', async () => {
  expect(recipient).toMatch(/^age1[0-9a-z]{58}$/)
  const archives = path.join(folder, 'archives')
  const first = await run(['backup', '--folder', archives, '--keep', '2', '--recipient', recipient])
  expect(first, first.said).toMatchObject({ status: 0, said: expect.stringContaining('read back and checked') })
  const [name = ''] = await readdir(archives)
  expect(name).toMatch(/^rebootless-\d{4}-\d\d-\d\dT\d{6}Z\.tar\.gz\.age$/)
  archive = path.join(archives, name)
  expect((await stat(archive)).mode & 0o777).toBe(0o600)
  const secret = (await readFile(identity, 'utf8')).split('\n').find((line) => line.startsWith('AGE-SECRET')) ?? ''
  const said = [first, await run(['backup', '--check', archive, '--identity', identity])]
  expect(said[1], said[1]?.said).toMatchObject({ status: 0, said: expect.stringContaining('whole') })
  for (const { said: text } of said) expect(text).not.toContain(secret)
  expect((await readFile(archive)).includes(CANARY)).toBe(false)
})

test('--keep removes the oldest of its own and nothing else', async () => {
  const archives = path.join(folder, 'kept')
  await mkdir(archives)
  const older = ['rebootless-2026-01-01T000000Z.tar.gz.age', 'rebootless-2026-01-02T000000Z.tar.gz.age']
  for (const name of [...older, 'mine.txt']) await writeFile(path.join(archives, name), 'kept')
  const { status, said } = await run(['backup', '--folder', archives, '--keep', '2', '--recipient', recipient])
  expect(status, said).toBe(0)
  const names = (await readdir(archives)).sort()
  expect(names).toEqual(['mine.txt', older[1], expect.not.stringMatching(/2026-01-0/)])
})

test('T31 wrong use and refusals say what to do; a secret key given as recipient is not said again', async () => {
  const secret = (await readFile(identity, 'utf8')).split('\n')[1] ?? ''
  const open = path.join(folder, 'open.txt')
  await writeFile(open, 'a passphrase that anybody may read', { mode: 0o644 })
  const output = path.join(folder, 'never.age')
  const cases: [string[], number, RegExp][] = [
    [['backup'], 2, /Usage: rebootless backup/],
    [['backup', '--output', output], 2, /say --recipient or --passphrase-file/],
    [['backup', '--output', output, '--recipient', secret], 1, /public half of an age key/],
    [['backup', '--output', output, '--passphrase-file', open], 1, /open to others/],
    [['backup', '--output', archive, '--recipient', recipient], 1, /is there already/],
    [['restore', archive, '--identity', identity], 2, /revoked since the backup must stay so/],
    [['restore', archive, '--identity', identity, '--without-revocations'], 1, /is not empty/],
  ]
  for (const [args, status, words] of cases) {
    const ran = await run(args)
    expect(ran, args.join(' ')).toMatchObject({ status, said: expect.stringMatching(words) })
    expect(ran.said).not.toContain(secret)
  }
  await expect(stat(output)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('killed in the middle of a backup: no archive of that name, and the next one is whole', async () => {
  const output = path.join(folder, 'killed.age')
  const { child, ended } = start(['backup', '--output', output, '--recipient', recipient])
  await until(async () => (await stat(`${output}.part`)).size > 100_000)
  child.kill('SIGKILL')
  await ended
  expect((await readdir(folder)).filter((name) => name.startsWith('killed'))).toEqual(['killed.age.part'])
  const { status, said } = await run(['backup', '--output', output, '--recipient', recipient])
  expect(status, said).toBe(0)
  expect((await readdir(folder)).filter((name) => name.startsWith('killed'))).toEqual(['killed.age'])
})

describe('T32 killed in the middle of a restore', () => {
  let target: string
  const args = () => ['restore', archive, '--identity', identity, '--without-revocations']
  beforeAll(async () => {
    target = await mkdtemp(path.join(folder, 'target-'))
    await chmod(target, 0o711)
  })

  test.each([
    ['as soon as the folder is taken', 'restoring.json'],
    ['while the database is made', 'postgres/cluster/postmaster.pid'],
    ['when its files are there, and the rows are not yet', 'command-key.pem'],
  ])('%s: no server starts on it', async (_when, sign) => {
    const { child, ended } = start(args(), target)
    await until(() => isThere(path.join(target, sign)))
    child.kill('SIGKILL')
    expect((await ended).status).toBeNull()
    await expect(refuseHalfRestored(target)).rejects.toThrow(/run the same `rebootless restore` again/)
  })

  test('the same again finishes it', async () => {
    const { status, said } = await run(args(), target)
    expect(status, said).toBe(0)
    await refuseHalfRestored(target)
    const file = 'command-key.pem'
    expect(await readFile(path.join(target, file), 'utf8')).toBe(await readFile(path.join(data, file), 'utf8'))
  })

  test('a server starts on it, and every row is there once', async () => {
    expect(await rowsOf(target)).toMatchObject({ keys: ROWS, restores: 1 })
  })

  test('behind its last step, where only the mark is left: the same again finds that it is done', async () => {
    const { entry } = (await rowsOf(target)) ?? { entry: '{}' }
    const { target: restored, after } = JSON.parse(entry) as { target: { id: string }; after: { archive: string } }
    const mark = { restore: restored.id, archive: after.archive }
    await writeFile(path.join(target, 'restoring.json'), JSON.stringify(mark))
    const { status, said } = await run(args(), target)
    expect(status, said).toBe(0)
    expect(said).toContain('had done its work')
    await refuseHalfRestored(target)
    expect(await rowsOf(target)).toMatchObject({ keys: ROWS, restores: 1 })
  })
})

test('a server that does not run is backed up too', async () => {
  await database?.close()
  database = undefined
  const { status, said } = await run(['backup', '--output', path.join(folder, 'quiet.age'), '--recipient', recipient])
  expect(status, said).toBe(0)
  expect(await rowsOf(data)).toMatchObject({ keys: ROWS, restores: 0 })
})
