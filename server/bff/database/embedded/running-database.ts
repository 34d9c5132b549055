import path from 'node:path'
import type { PoolConfig } from 'pg'
import { DatabaseUnusableError } from '../database-error.ts'
import { exists, POINTER } from './abandoned-home.ts'
import { systemAccounts } from './account.ts'
import { readPasswords } from './passwords.ts'
import { type PlaceRequest, preparePlace } from './place.ts'
import { connectionOf } from './server.ts'

/**
 * Where the embedded database of a data directory listens, for a second program beside the one that runs it, under the role
 * of the program. Starts nothing, and makes no database.
 * @throws DatabaseUnusableError when there is none, or this user may not read its password
 */
export const runningDatabase = async (
  request: Pick<PlaceRequest, 'dataDirectory'> & Partial<PlaceRequest>,
): Promise<PoolConfig> => {
  const { dataDirectory } = request
  const there = await Promise.all([POINTER, 'postgres'].map((name) => exists(path.join(dataDirectory, name))))
  if (!there.includes(true)) {
    throw new DatabaseUnusableError(
      `There is no database in ${dataDirectory}: set REBOOTLESS_DATA or DATABASE_URL as the server has them.`,
    )
  }
  const place = await preparePlace({
    asRoot: process.getuid?.() === 0,
    accounts: systemAccounts,
    stateDirectory: '/var/lib/rebootless-server',
    ...request,
  })
  const { application } = await readPasswords(place.home, true)
  return connectionOf(place, 'rebootless', application, 'rebootless')
}
