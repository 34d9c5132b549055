import { takeProcessLock } from '../../../process/process-lock.ts'
import { DatabaseUnusableError } from '../database-error.ts'

/**
 * Makes this process the one supervisor of a database folder.
 * @returns releases it
 * @throws DatabaseUnusableError while another living process holds it
 */
export async function lockForSupervisor(home: string): Promise<() => Promise<void>> {
  const lock = await takeProcessLock(home, 'supervisor')
  if (lock.held) return lock.release
  throw new DatabaseUnusableError(
    `Another Rebootless uses this data directory, pid ${lock.pid} (its database is in ${home}). ` +
      'Stop it first, or give this one a data directory of its own by REBOOTLESS_DATA.',
  )
}
