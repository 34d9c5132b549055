import type { StdioOptions } from 'node:child_process'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { DatabaseUnusableError } from '../database-error.ts'
import type { Place } from './place.ts'

/**
 * Starts one of PostgreSQL's programs as the user it runs as.
 *
 * - Of our environment it gets nothing: it may hold secrets (REBOOTLESS_ADMIN_PASSWORD), and PG* or LD_* would lead it
 *   astray.
 * - It has a session of its own, so that Ctrl-C in our terminal does not stop the database before we have finished.
 * @throws DatabaseUnusableError when the program can't be run at all
 */
export async function spawnAs(
  place: Place,
  program: string,
  programArguments: readonly string[],
  stdio: StdioOptions,
): Promise<ChildProcess> {
  const child = spawn(program, programArguments, {
    cwd: place.home,
    env: { PATH: '/usr/bin:/bin', LANG: 'C', TZ: 'UTC' },
    stdio,
    detached: true,
    ...(place.account && { uid: place.account.uid, gid: place.account.gid }),
  })
  try {
    await once(child, 'spawn')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const user = place.account ? ` as the user ${place.account.name}` : ''
    throw new DatabaseUnusableError(
      `${program} can't be run${user} (${code}). Is ${place.home} on a file system mounted noexec, or may this process ` +
        'not change its user? Give REBOOTLESS_DATA another folder, or set DATABASE_URL.',
      { cause: error },
    )
  }
  return child
}
