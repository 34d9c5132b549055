import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { endPostmaster, findPostmaster } from './postmaster.ts'
import { lockForSupervisor } from './supervisor-lock.ts'

/** In a data directory: where its database is, when not in it. */
export const POINTER = 'postgres.location'
/** In such a database's home: the data directory that used it last. */
const OWNER = 'data-directory'

/** Notes at each start whose home it is, so that one whose data directory was moved still has an owner. */
export const rememberOwner = (home: string, dataDirectory: string): Promise<void> =>
  writeFile(path.join(home, OWNER), `${dataDirectory}\n`)

/**
 * Ends the server that a deleted data directory of this path left running outside of it; inside the directory it would
 * end by itself, since PostgreSQL looks every minute whether its postmaster.pid is still there. Its data stays: deleting
 * that is a person's decision.
 */
export async function endAbandoned(home: string, dataDirectory: string): Promise<void> {
  if (await namedElsewhere(home, dataDirectory)) return
  const release = await lockForSupervisor(home).catch(() => undefined)
  if (!release) return
  try {
    const server = await findPostmaster(path.join(home, 'cluster'))
    if (server) await endPostmaster(server.identity, 10_000)
  } finally {
    await release()
  }
}

/** Whether a data directory that was moved points to this home: the one that used it last, or one beside ours. */
async function namedElsewhere(home: string, dataDirectory: string): Promise<boolean> {
  const owner = await textOf(path.join(home, OWNER))
  const parent = path.dirname(dataDirectory)
  const beside = (await readdir(parent)).map((name) => path.join(parent, name))
  for (const folder of owner === undefined ? beside : [owner, ...beside]) {
    if (folder !== dataDirectory && (await textOf(path.join(folder, POINTER))) === home) return true
  }
  return false
}

/** Of a file of one line; undefined when there is none. */
export const textOf = async (file: string): Promise<string | undefined> =>
  (await readFile(file, 'utf8').catch(() => undefined))?.trim()

export const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  )
