import { readFile } from 'node:fs/promises'
import { processTree } from './process-tree.ts'

/**
 * Bytes that a process and all that it started hold, each shared page once: proc(5), /proc/PID/smaps_rollup, Pss. By resident sizes
 * PostgreSQL's processes would count their shared buffers again and again.
 */
export const memoryOf = async (pid: number): Promise<number> => {
  const parts = (await processTree(pid)).map(async (one) => {
    const text = await readFile(`/proc/${one.pid}/smaps_rollup`, 'utf8').catch(() => '')
    return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024
  })
  return (await Promise.all(parts)).reduce((sum, bytes) => sum + bytes, 0)
}
