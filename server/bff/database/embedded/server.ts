import { open } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, type ClientConfig } from 'pg'
import { identifyProcess, type ProcessIdentity } from '../../../process/process-identity.ts'
import type { DatabaseLog } from '../database-log.ts'
import type { Passwords } from './passwords.ts'
import type { Place } from './place.ts'
import { endPostmaster, findPostmaster, type Postmaster, removeStaleLocks } from './postmaster.ts'
import { serverLogSince, serverLogSize, trimServerLog } from './server-log.ts'
import { spawnAs } from './server-process.ts'

export interface ServerRequest {
  place: Place
  /** Folder with `bin/postgres`. */
  binaries: string
  passwords: Passwords
  settings: Record<string, string>
  log: DatabaseLog
  /** Called before a new server is started, not when one is found running. @throws to prevent it */
  beforeStart(): Promise<void>
}

/** A server may need minutes to recover a long log of changes; as long as it says that it does, we wait. */
const ANSWER_PATIENCE_MS = 15_000

export function connectionOf(place: Place, user: string, password: string, database: string) {
  return { host: place.sockets, port: 5432, user, password, database }
}

/**
 * Sees to it that exactly one server runs on the cluster and answers: the one found running, if it is as we would start
 * it, or else a new one.
 * @throws when it does not start; its own words are in the message
 */
export async function ensureServer(request: ServerRequest): Promise<ProcessIdentity> {
  const { place, binaries, log } = request
  const found = await findPostmaster(place.cluster)
  if (found) {
    const wanted = found.executable === path.join(binaries, 'bin/postgres') && found.sockets === place.sockets
    if (wanted && (await answers(request, found.identity))) {
      log.info({ serverPid: found.identity.pid }, 'database server of an earlier run adopted')
      return found.identity
    }
    log.warn({ serverPid: found.identity.pid, wanted }, 'database server of an earlier run is ended')
    await endPostmaster(found.identity, 10_000)
  } else {
    await removeStaleLocks(place.cluster, place.sockets)
  }
  await request.beforeStart()
  return await startServer(request)
}

async function startServer(request: ServerRequest): Promise<ProcessIdentity> {
  const { place, binaries, settings } = request
  await trimServerLog(place.log)
  const logSize = await serverLogSize(place.log)
  const logFile = await open(place.log, 'a', 0o600)
  // An ordinary user's database, started once by sudo, must stay that user's.
  if (place.account) await logFile.chown(place.account.uid, place.account.gid)
  const programArguments = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = await spawnAs(
    place,
    path.join(binaries, 'bin/postgres'),
    ['-D', place.cluster, ...programArguments],
    ['ignore', logFile.fd, logFile.fd],
  ).finally(() => logFile.close())
  child.unref()
  const identity = child.pid === undefined ? undefined : await identifyProcess(child.pid)
  if (identity && (await answers(request, identity))) return identity
  // Never leave one behind that might yet come up beside the next.
  if (identity) await endPostmaster(identity, 2_000)
  throw new Error(`the database server did not start: ${await serverLogSince(place.log, logSize)}`)
}

/** Waits until the server accepts our password; false when it has ended, or has been silent for too long. */
async function answers({ place, passwords }: ServerRequest, identity: ProcessIdentity): Promise<boolean> {
  let deadline = performance.now() + ANSWER_PATIENCE_MS
  while (performance.now() < deadline) {
    const postmaster: Postmaster | undefined = await findPostmaster(place.cluster)
    if (postmaster?.ready && postmaster.identity.startTicks === identity.startTicks) {
      const administration = connectionOf(place, 'postgres', passwords.administration, 'postgres')
      const outcome = await tryQuery({ ...administration, connectionTimeoutMillis: 5_000, query_timeout: 5_000 })
      if (outcome === 'answered') return true
      // cannot_connect_now: it starts up, recovers, or shuts down.
      if (outcome === '57P03') deadline = performance.now() + ANSWER_PATIENCE_MS
    } else if ((await identifyProcess(identity.pid))?.startTicks !== identity.startTicks) {
      return false
    } else if (postmaster) {
      // It has its lock and works on its recovery.
      deadline = performance.now() + ANSWER_PATIENCE_MS
    }
    await sleep(20)
  }
  return false
}

async function tryQuery(config: ClientConfig): Promise<string> {
  const client = new Client(config)
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('select 1')
    return 'answered'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'failed'
  } finally {
    await client.end().catch(() => undefined)
  }
}
