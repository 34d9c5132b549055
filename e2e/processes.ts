import { readdir, readFile } from 'node:fs/promises'

/** The children of a process that run a given program, by a part of their command line; /proc/PID/stat, proc_pid_stat(5). */
export async function childrenOf(parent: number, program: string): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isSafeInteger)
  const found = await Promise.all(
    pids.map(async (pid) => {
      // It may end while we look.
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      const [state, parentPid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (Number(parentPid) !== parent || state === 'Z') return []
      const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      return commandLine.includes(program) ? [pid] : []
    }),
  )
  return found.flat()
}
