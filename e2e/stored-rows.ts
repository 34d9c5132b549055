import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { connect, type Database } from '@rebootless/server/bff/database/connect.ts'
import { databaseHome } from './program.ts'

/** What tells one stored thing from another, by table: only what must never go while these tests run. */
export type StoredRows = Readonly<Record<'hosts' | 'certificates' | 'users' | 'kernelEvents' | 'samples', Set<string>>>

/** Process id and socket folder of a program's embedded server: lines 1 and 5 of postmaster.pid. */
export async function postmasterOf(dataDirectory: string): Promise<{ pid: number; sockets: string }> {
  const file = path.join(await databaseHome(dataDirectory), 'cluster', 'postmaster.pid')
  const lines = (await readFile(file, 'utf8')).split('\n')
  return { pid: Number(lines[0]), sockets: lines[4] ?? '' }
}

/** Works past the program, straight in its database, with the rights that the program has. */
export async function inDatabase<Result>(
  dataDirectory: string,
  work: (kysely: Database['kysely']) => Promise<Result>,
): Promise<Result> {
  const home = await databaseHome(dataDirectory)
  const passwords = JSON.parse(await readFile(path.join(home, 'passwords.json'), 'utf8'))
  const { sockets } = await postmasterOf(dataDirectory)
  const silent = () => undefined
  const database = await connect({
    databaseUrl: `postgres://rebootless:${passwords.application}@localhost/rebootless?host=${encodeURIComponent(sockets)}`,
    log: { info: silent, warn: silent, error: silent },
  })
  try {
    return await work(database.kysely)
  } finally {
    await database.close()
  }
}

export const storedRows = (dataDirectory: string): Promise<StoredRows> =>
  inDatabase(dataDirectory, async (kysely) => {
    const keys = (rows: readonly object[]) => new Set(rows.map((row) => Object.values(row).join(' ')))
    return {
      hosts: keys(await kysely.selectFrom('hosts').select(['id', 'enrolled_name', 'origin']).execute()),
      certificates: keys(await kysely.selectFrom('certificates').select(['fingerprint', 'host_id']).execute()),
      users: keys(await kysely.selectFrom('users').select(['id', 'username', 'role']).execute()),
      kernelEvents: keys(
        await kysely.selectFrom('kernel_events').select(['host_id', 'boot_id', 'kmsg_sequence']).execute(),
      ),
      samples: keys(
        await kysely
          .selectFrom('transition_samples')
          .select(['host_id', 'epoch', 'sequence', 'patch', 'tasks_remaining'])
          .execute(),
      ),
    }
  })

/** What was there before and is not there after. */
export function lostRows(before: StoredRows, after: StoredRows): string[] {
  const tables = Object.keys(before) as (keyof StoredRows)[]
  return tables.flatMap((table) =>
    [...before[table]].filter((key) => !after[table].has(key)).map((key) => `${table}: ${key}`),
  )
}
