import { readFile } from 'node:fs/promises'

/** One process for ever: a bare pid comes back after a reboot, and in small containers within minutes. */
export interface ProcessIdentity {
  pid: number
  /** Clock ticks since boot, field 22 of /proc/PID/stat, see proc_pid_stat(5). */
  startTicks: string
  /** /proc/sys/kernel/random/boot_id. */
  bootId: string
}

/** Undefined when no such process runs; a zombie runs no more, though kill(pid, 0) still finds it. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  const [stat, bootId] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
  ])
  // The second field is the name in parentheses and may hold spaces and parentheses itself.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, startTicks] = [fields?.[0], fields?.[19]]
  if (state === undefined || startTicks === undefined || state === 'Z' || state === 'X') return undefined
  return { pid, startTicks, bootId: bootId.trim() }
}

/** Whether this very process, not a later one with its number, still runs. */
export async function processRuns(identity: ProcessIdentity): Promise<boolean> {
  const now = await identifyProcess(identity.pid)
  return now?.startTicks === identity.startTicks && now.bootId === identity.bootId
}

/** The arguments of a process; empty when it has gone. Readable without ptrace rights, unlike /proc/PID/exe and cwd. */
export async function processArguments(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return text.split('\0').slice(0, -1)
}

/**
 * Sends a signal, but only to the process meant.
 * @returns false when it has gone
 */
export async function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
  if (!(await processRuns(identity))) return false
  try {
    process.kill(identity.pid, signal)
    return true
  } catch {
    return false
  }
}
