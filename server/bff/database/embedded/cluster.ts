import { once } from 'node:events'
import { chown, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseUnusableError } from '../database-error.ts'
import type { Passwords } from './passwords.ts'
import type { Place } from './place.ts'
import { spawnAs } from './server-process.ts'

/** The major version that wrote the cluster, `18`; undefined when there is no cluster. */
export async function clusterMajor(place: Place): Promise<string | undefined> {
  try {
    return (await readFile(path.join(place.cluster, 'PG_VERSION'), 'utf8')).trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * @param readable its own PostgreSQL is beside it
 * @throws DatabaseUnusableError: the cluster is of another PostgreSQL than we bring, with what to do
 */
export function refuseMajor(place: Place, found: string, ours: number, readable: boolean): never {
  const whatToDo =
    Number(found) > ours
      ? `Start the newer Rebootless that made it; or, to undo an upgrade, put cluster-${ours}, which it has kept beside ` +
        'this one as it was then, in its place (docs/backup.md).'
      : readable
        ? 'Start Rebootless once, which copies it into one that can be opened (docs/backup.md).'
        : `The PostgreSQL ${found} that could read it is no longer beside it. Start the Rebootless that made it, make a ` +
          'backup by it, and restore that by this one into a new data folder (docs/backup.md).'
  throw new DatabaseUnusableError(
    `The database in ${place.cluster} was made by PostgreSQL ${found}; this Rebootless brings ${ours} and can't open it. ` +
      `${whatToDo} Or let a PostgreSQL ${found} of your own open it and set DATABASE_URL, or move that folder away to begin ` +
      'with an empty database. Nothing was touched.',
  )
}

/**
 * Makes the cluster; a crash half-way leaves nothing that looks like one.
 *
 * Collation is the builtin C.UTF-8, which depends on no library: with the system's, an upgrade of libc silently breaks
 * the order of every text index (PostgreSQL documentation, "Locale Providers").
 * @param durable false: for a test, do not wait for the disk
 */
export async function createCluster(
  place: Place,
  binaries: string,
  passwords: Passwords,
  durable: boolean,
): Promise<void> {
  const draft = `${place.cluster}.new`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { mode: 0o700 })
  if (place.account) await chown(draft, place.account.uid, place.account.gid)
  // A file, since arguments are seen by every user of the machine.
  const passwordFile = path.join(place.sockets, 'initial-password')
  await rm(passwordFile, { force: true })
  const file = await open(passwordFile, 'wx', 0o600)
  try {
    await file.writeFile(passwords.administration)
    if (place.account) await file.chown(place.account.uid, place.account.gid)
  } finally {
    await file.close()
  }
  try {
    await initdb(place, binaries, [
      '-D',
      draft,
      '-U',
      'postgres',
      `--pwfile=${passwordFile}`,
      ...(durable ? [] : ['--no-sync']),
    ])
  } finally {
    await rm(passwordFile, { force: true })
  }
  await rename(draft, place.cluster)
  const home = await open(place.home, 'r')
  await home.sync().finally(() => home.close())
}

async function initdb(place: Place, binaries: string, initdbArguments: readonly string[]): Promise<void> {
  const ground = ['-E', 'UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const programArguments = [...initdbArguments, ...ground, '--auth=scram-sha-256', '--no-instructions']
  const child = await spawnAs(place, path.join(binaries, 'bin/initdb'), programArguments, ['ignore', 'ignore', 'pipe'])
  let complaint = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`initdb ended with ${code}: ${complaint.trim().slice(-1000)}`)
}
