// Goal: the embedded database survives everything that kills, and refuses what can't work, in words that help.
// Method: the real binaries in one cluster that all tests share, killed in every way.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import pg, { type PoolConfig } from 'pg'
import pino from 'pino'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { identifyProcess, processArguments, processRuns } from '../../../process/process-identity.ts'
import { openNotifications } from '../notifications.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'
import { endPostmaster, findPostmaster } from './postmaster.ts'

const log = pino({ level: 'silent' })
let folder: string
let cluster: string
let embedded: EmbeddedPostgres | undefined

const start = async () => {
  embedded = await startEmbeddedPostgres({ dataDirectory: folder, log })
  return embedded
}

const query = async (config: PoolConfig, text: string) => {
  const client = new pg.Client(config)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

const serverPid = () => {
  const state = embedded?.state()
  return state?.kind === 'up' ? state.pid : undefined
}

/** Resolves once a new server is up in place of the one with this number. */
const replaced = (pid: number | undefined) =>
  vi.waitFor(() => {
    expect(serverPid()).toBeDefined()
    expect(serverPid()).not.toBe(pid)
  }, 15_000)

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'embedded-'))
  // Root's temporary folder is closed to the database's user; the case of a closed one has a test of its own.
  await chmod(folder, 0o755)
  cluster = path.join(folder, 'postgres/cluster')
  await start()
})
afterAll(async () => {
  await embedded?.stop()
  const left = await findPostmaster(cluster)
  if (left) await endPostmaster(left.identity, 5_000)
  await rm(folder, { recursive: true, force: true })
})

test('T30 a new cluster: durable, on a unix socket only; the program is no superuser and owns nothing', async () => {
  const { connection } = embedded as EmbeddedPostgres
  const [facts] = await query(
    connection,
    `select current_setting('listen_addresses') as addresses, current_setting('fsync') as fsync,
       current_setting('full_page_writes') as pages, current_setting('synchronous_commit') as commit,
       (select rolsuper from pg_roles where rolname = current_user) as superuser,
       (select pg_has_role(current_user, datdba, 'USAGE') from pg_database where datname = current_database()) as owner`,
  )
  expect(facts).toEqual({ addresses: '', fsync: 'on', pages: 'on', commit: 'on', superuser: false, owner: false })
  expect((await stat(String(connection.host))).mode & 0o777).toBe(0o700)
})

test('T31 its password is random, private, needed, and in no argument or environment', async () => {
  const { connection } = embedded as EmbeddedPostgres
  await expect(query({ ...connection, password: 'wrong' }, 'select 1')).rejects.toMatchObject({ code: '28P01' })
  const file = path.join(folder, 'postgres/passwords.json')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const passwords: string[] = Object.values(JSON.parse(await readFile(file, 'utf8')))
  const seen = [
    ...(await processArguments(serverPid() ?? 0)),
    await readFile(`/proc/${serverPid()}/environ`, 'utf8'),
    await readFile(path.join(folder, 'postgres/postgres.log'), 'utf8'),
  ].join(' ')
  expect(seen).toContain('listen_addresses')
  for (const password of passwords) expect(seen).not.toContain(password)
})

test('T31 a failed statement is not repeated in the log', async () => {
  const { owner: connection } = embedded as EmbeddedPostgres
  await query(connection, 'create table secrets (value text unique)')
  await query(connection, `insert into secrets values ('canary-4711')`)
  await expect(query(connection, `insert into secrets values ('canary-4711')`)).rejects.toThrow()
  const written = await readFile(path.join(folder, 'postgres/postgres.log'), 'utf8')
  expect(written).toContain('duplicate key')
  expect(written).not.toContain('canary')
})

test('a second supervisor is told who has the data directory', async () => {
  await expect(startEmbeddedPostgres({ dataDirectory: folder, log })).rejects.toThrow(
    `Another Rebootless uses this data directory, pid ${process.pid}`,
  )
  expect(await query((embedded as EmbeddedPostgres).connection, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('T37 kill -9 of the server in mid-write: it comes back, nothing committed is lost, the pool and LISTEN go on', async () => {
  const { owner: connection } = embedded as EmbeddedPostgres
  const pool = new pg.Pool({ ...connection, max: 4, connectionTimeoutMillis: 5_000 })
  pool.on('error', () => undefined)
  const notifications = openNotifications(connection, log)
  const subscriber = { notified: vi.fn<(payload: string) => void>(), mayHaveMissed: vi.fn<() => void>() }
  await notifications.subscribe('after-kill', subscriber)
  await pool.query('create table written (id int primary key)')
  const committed: number[] = []
  let next = 0
  let writing = true
  const writer = async () => {
    while (writing) {
      next += 1
      const id = next
      await pool.query('insert into written values ($1)', [id]).then(
        () => committed.push(id),
        () => new Promise((resolve) => setTimeout(resolve, 20)),
      )
    }
  }
  const writers = [writer(), writer(), writer()]
  const wroteMore = async () => {
    const before = committed.length
    await vi.waitFor(() => expect(committed.length).toBeGreaterThan(before + 20), 10_000)
  }
  await wroteMore()
  const pid = serverPid()
  process.kill(pid ?? 0, 'SIGKILL')
  await replaced(pid)
  await wroteMore()
  writing = false
  await Promise.all(writers)
  const { rows } = await pool.query<{ id: number }>('select id from written')
  const stored = new Set(rows.map(({ id }) => id))
  expect(committed.filter((id) => !stored.has(id))).toEqual([])

  await vi.waitFor(() => expect(subscriber.mayHaveMissed).toHaveBeenCalled(), 10_000)
  await pool.query(`notify "after-kill", 'heard'`)
  await vi.waitFor(() => expect(subscriber.notified).toHaveBeenCalledWith('heard'), 10_000)
  await notifications.close()
  await pool.end()
})

test('stop writes all to the disk and ends the server; the second start takes less than 2 s', async () => {
  const { owner: connection, stop } = embedded as EmbeddedPostgres
  await query(connection, 'create table kept as select 1 as one')
  const identity = await identifyProcess(serverPid() ?? 0)
  await stop()
  expect(identity && (await processRuns(identity))).toBe(false)
  expect((await readFile(path.join(folder, 'postgres/postgres.log'), 'utf8')).trimEnd()).toMatch(/system is shut down$/)
  const began = performance.now()
  const again = await start()
  expect(performance.now() - began).toBeLessThan(2_000)
  expect(await query(again.owner, 'select one from kept')).toEqual([{ one: 1 }])
})

test('T30 what an older version owned as the program’s role changes hands at the next start', async () => {
  const { connection, administration, stop } = embedded as EmbeddedPostgres
  const superuser = { ...administration, database: 'rebootless' }
  await query(superuser, 'create table older as select 3 as three')
  await query(superuser, 'alter table older owner to rebootless')
  await query(superuser, 'alter database rebootless owner to rebootless')
  await query(connection, 'alter table older add column four int')
  await stop()
  const again = await start()
  await expect(query(again.connection, 'alter table older add column five int')).rejects.toMatchObject({
    code: '42501',
  })
  await expect(query(again.connection, 'drop schema public cascade')).rejects.toMatchObject({ code: '42501' })
  expect(await query(again.owner, 'select three from older')).toEqual([{ three: 3 }])
})

/** A supervisor in a process of its own, and the line that it prints. */
async function startElsewhere(): Promise<{ child: ChildProcess; pid: number; connection: PoolConfig }> {
  const script = path.join(import.meta.dirname, 'test-supervisor.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  const [line] = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => ['{}'])])
  const { owner: connection, state } = JSON.parse(line)
  return { child, pid: state.pid, connection }
}

test('T37 kill -9 of the supervisor: the server lives on, is adopted with its data, and is watched', async () => {
  await embedded?.stop()
  const { child, pid, connection } = await startElsewhere()
  await query(connection, 'create table orphaned as select 2 as two')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await query(connection, 'select two from orphaned')).toEqual([{ two: 2 }])

  await start()
  expect(serverPid()).toBe(pid)
  process.kill(pid, 'SIGKILL')
  await replaced(pid)
  expect(await query(connection, 'select two from orphaned')).toEqual([{ two: 2 }])
})

test('T37 power cut: lock files whose number another program has now do not keep it from starting', async () => {
  await embedded?.stop()
  const { child, pid, connection } = await startElsewhere()
  const server = await findPostmaster(cluster)
  const pidFile = await readFile(path.join(cluster, 'postmaster.pid'), 'utf8')
  child.kill('SIGKILL')
  await once(child, 'exit')
  process.kill(pid, 'SIGKILL')
  await vi.waitFor(async () => expect(server && (await processRuns(server.identity))).toBe(false))
  // It runs as the database's user: for others PostgreSQL itself sees that the number is stale.
  const { uid, gid } = await stat(cluster)
  const stranger = spawn('sleep', ['60'], { uid, gid, cwd: '/' })
  await writeFile(path.join(cluster, 'postmaster.pid'), pidFile.replace(/^\d+/, String(stranger.pid)))
  const socketLock = path.join(server?.sockets ?? '', '.s.PGSQL.5432.lock')
  await writeFile(socketLock, (await readFile(socketLock, 'utf8')).replace(/^\d+/, String(stranger.pid)))
  try {
    await start()
    expect(serverPid()).not.toBe(stranger.pid)
    expect(await query(connection, 'select two from orphaned')).toEqual([{ two: 2 }])
  } finally {
    stranger.kill()
  }
})
