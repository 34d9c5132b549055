import { readdir, readFile } from 'node:fs/promises'

export interface ProcessUse {
  readonly pid: number
  readonly command: string
  /** CPU time so far, user and system, milliseconds. */
  readonly cpuMs: number
  readonly residentBytes: number
}

/** USER_HZ is 100 on every architecture that Node runs on: proc(5), /proc/PID/stat. */
const MS_PER_TICK = 10
const PAGE_BYTES = 4_096

/** A process and all that it started: proc(5). */
export const processTree = async (root: number): Promise<ProcessUse[]> => {
  const all = await Promise.all((await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(readProcess))
  const known = all.filter((one) => one !== null)
  const inTree = new Set([root])
  for (let before = 0; before !== inTree.size; ) {
    before = inTree.size
    for (const { pid, parent } of known) if (inTree.has(parent)) inTree.add(pid)
  }
  return known.filter(({ pid }) => inTree.has(pid))
}

const readProcess = async (pid: string): Promise<(ProcessUse & { parent: number }) | null> => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ')
    // The name in brackets may hold anything, brackets too.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const [parent = 0, user = 0, system = 0, pages = 0] = [fields[1], fields[11], fields[12], fields[21]]
    return {
      pid: Number(pid),
      parent,
      command,
      cpuMs: (user + system) * MS_PER_TICK,
      residentBytes: pages * PAGE_BYTES,
    }
  } catch {
    return null // it has ended
  }
}
