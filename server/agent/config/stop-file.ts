import { lstat, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const pathOf = (dataDirectory: string) => join(dataDirectory, 'stop')

/**
 * Whether local root has stopped all changes: a file `stop` in the data directory, whatever it is and holds. Only its
 * certain absence lets changes go on (threat-model T28, T33).
 */
export const isStopped = async (dataDirectory: string): Promise<boolean> => {
  try {
    await lstat(pathOf(dataDirectory))
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT')
  }
}

export const putStopFile = (dataDirectory: string): Promise<void> =>
  writeFile(pathOf(dataDirectory), 'Changes to this host are stopped. Remove this file to let them go on.\n', {
    mode: 0o600,
  })

export const removeStopFile = (dataDirectory: string): Promise<void> => rm(pathOf(dataDirectory), { force: true })
