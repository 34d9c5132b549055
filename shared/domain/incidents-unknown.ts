import type { KernelReadings } from '../contract/kernel-readings.ts'
import { counted } from './sentence.ts'

/**
 * Why it is not known whether a kernel had incidents since then, in a sentence; null: it is known. `since`, as all times of the
 * readings, is by the host's own clock; null: whether the log is followed at all.
 */
export const incidentsUnknown = (readings: Pick<KernelReadings, 'log'> | null, since: Date | null): string | null => {
  if (readings === null) return 'Its agent tells nothing of its kernel’s log: it is older than this, or has just come.'
  const { errno, completeSince, lost } = readings.log
  if (errno !== null) return `Its kernel’s log cannot be read (${errno}).`
  if (since === null || (completeSince !== null && Date.parse(completeSince) <= since.getTime())) return null
  return lost > 0
    ? `${counted(lost, 'record')} of its kernel’s log ${lost === 1 ? 'was' : 'were'} overwritten before the agent read ${lost === 1 ? 'it' : 'them'}.`
    : 'Its kernel’s log is followed only since later: it was booted meanwhile.'
}
