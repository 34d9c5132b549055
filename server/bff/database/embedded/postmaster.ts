import { readFile, realpath, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  identifyProcess,
  type ProcessIdentity,
  processArguments,
  processRuns,
  signalProcess,
} from '../../../process/process-identity.ts'

/** The first process of a running server. */
export interface Postmaster {
  identity: ProcessIdentity
  /** Path of the `postgres` it runs. */
  executable: string
  /** Folder of its socket. */
  sockets: string
  ready: boolean
}

export const SOCKET_NAME = '.s.PGSQL.5432'

const pidFile = (cluster: string) => path.join(cluster, 'postmaster.pid')

/**
 * The server that runs on this cluster, perhaps since before we were started. Lines of postmaster.pid: pid, data
 * directory, start time, port, socket folder, address, shared memory, status (PostgreSQL, src/include/utils/pidfile.h).
 */
export async function findPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const lines = (await readFile(pidFile(cluster), 'utf8').catch(() => '')).split('\n').map((line) => line.trim())
  const pid = Number(lines[0])
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined
  const identity = await identifyProcess(pid)
  const programArguments = await processArguments(pid)
  const executable = programArguments[0] ?? ''
  const directory = programArguments[programArguments.indexOf('-D') + 1] ?? ''
  if (!identity || path.basename(executable) !== 'postgres' || !(await samePath(directory, cluster))) return undefined
  return { identity, executable, sockets: lines[4] ?? '', ready: lines[7] === 'ready' }
}

/**
 * Removes the lock files of a server that has gone, on its cluster and on its socket. Their number may belong to another
 * program by now: after a power cut, or where numbers are soon used up, they are given out anew, and PostgreSQL, which
 * looks at the number alone, would refuse to start. Call when `findPostmaster` found none. Should a server yet be there,
 * PostgreSQL's second lock, on shared memory, holds.
 */
export async function removeStaleLocks(cluster: string, sockets: string): Promise<void> {
  await rm(pidFile(cluster), { force: true })
  await rm(path.join(sockets, `${SOCKET_NAME}.lock`), { force: true })
}

/**
 * Ends a server and waits until it has gone: by a fast shutdown (SIGINT: sessions are cut, everything is written), then
 * an immediate one (SIGQUIT), then SIGKILL. The last two cost a recovery at the next start, and no committed row.
 */
export async function endPostmaster(identity: ProcessIdentity, fastShutdownMs: number): Promise<void> {
  const steps: [NodeJS.Signals, number][] = [
    ['SIGINT', fastShutdownMs],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ]
  for (const [signal, patienceMs] of steps) {
    if (!(await signalProcess(identity, signal))) return
    // Asked first, so that a frozen one (SIGSTOP, debugger) wakes up to it.
    await signalProcess(identity, 'SIGCONT')
    const deadline = performance.now() + patienceMs
    while (performance.now() < deadline) {
      if (!(await processRuns(identity))) return
      await sleep(20)
    }
  }
  throw new Error(`the database server, pid ${identity.pid}, can't be ended`)
}

async function samePath(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((file) => realpath(file).catch(() => undefined)))
  return a !== undefined && a === b
}
