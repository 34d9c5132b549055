import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A process by pid and start: /proc/PID/stat, field 22 (proc(5)), since pids are used again. */
const processMark = async (pid: number | 'self'): Promise<string | undefined> => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ') // comm may hold blanks and brackets
    return `${Number.parseInt(stat, 10)} ${fields[19]}`
  } catch {
    return undefined
  }
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined)

export type RunLock = { readonly held: true; release(): Promise<void> } | { readonly held: false; readonly pid: number }

const pathOf = (dataDirectory: string) => join(dataDirectory, 'run.lock')

/** The process that runs on a data directory, by pid; undefined when there is none. Changes nothing. */
export const runLockHolder = async (dataDirectory: string): Promise<number | undefined> => {
  const holder = await readFile(pathOf(dataDirectory), 'utf8').catch(() => '')
  const pid = Number.parseInt(holder, 10)
  return holder !== '' && (await processMark(pid)) === holder ? pid : undefined
}

/**
 * One `run` for a data directory: two would speak under one identity. The lock is a file that names its holder; one
 * whose holder is gone, by kill -9 or power cut, is taken over.
 */
export const takeRunLock = async (dataDirectory: string): Promise<RunLock> => {
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 })
  const path = pathOf(dataDirectory)
  const own = (await processMark('self')) ?? `${process.pid} unknown`
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  await writeFile(draft, own, { mode: 0o600 })
  try {
    for (;;) {
      try {
        await link(draft, path) // fails when there is one: only one of many wins
        return { held: true, release: () => rm(path, { force: true }) }
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error
      }
      const holder = await readFile(path, 'utf8').catch(() => '')
      const pid = Number.parseInt(holder, 10)
      if (holder !== '' && (await processMark(pid)) === holder) return { held: false, pid }
      // Moved away before it is removed: of two that find it stale, the later must not remove the other's new one.
      const stale = `${path}.stale.${randomBytes(6).toString('hex')}`
      await rename(path, stale).catch(() => {})
      const moved = await readFile(stale, 'utf8').catch(() => holder)
      if (moved !== holder) await link(stale, path).catch(() => {})
      await rm(stale, { force: true })
    }
  } finally {
    await rm(draft, { force: true })
  }
}
