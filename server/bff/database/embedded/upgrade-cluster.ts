import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { PoolConfig } from 'pg'
import { DatabaseUnusableError } from '../database-error.ts'
import { exists } from './abandoned-home.ts'
import { ensureApplicationDatabase, OWNER_ROLE } from './application-database.ts'
import { createCluster, refuseMajor } from './cluster.ts'
import { mebibytes, refuseNoRoomForCopy } from './disk-space.ts'
import { type Place, prepareSockets } from './place.ts'
import { endPostmaster, findPostmaster } from './postmaster.ts'
import { connectionOf, ensureServer, type ServerRequest } from './server.ts'
import { serverSettings } from './settings.ts'
import { provedCluster, switchCluster } from './switch-cluster.ts'

/** Copies the program's database between two servers and proves it. @throws when it could not be, with what is safe to say */
export type CopyDatabase = (request: {
  from: PoolConfig
  into: PoolConfig
}) => Promise<{ readonly tables: number; readonly rows: number }>

export interface UpgradeRequest extends Omit<ServerRequest, 'settings' | 'beforeStart'> {
  /** That wrote the cluster, `17`. */
  readonly from: string
  readonly to: number
  /** PostgreSQL of the major version that wrote it, as an earlier start has left it in the home. */
  readonly oldBinaries: string
  readonly copy: CopyDatabase
  readonly free: number
  readonly durable: boolean
}

/** 675 MiB took 44 s on two cores that others kept busy; half as fast, so that nobody is told too short a time. */
const BYTES_PER_SECOND = 8 * 1024 * 1024

/**
 * What has to be done before a cluster of the major version `found` can be opened; undefined: nothing.
 * @throws DatabaseUnusableError: it cannot be done here
 */
export const upgradeWanted = async (
  place: Place,
  found: string | undefined,
  ours: number,
  copy: CopyDatabase | undefined,
): Promise<Pick<UpgradeRequest, 'from' | 'to' | 'oldBinaries' | 'copy'> | undefined> => {
  if (found === undefined || found === String(ours)) return undefined
  const oldBinaries = Number(found) < ours ? await binariesOf(place.home, found) : undefined
  if (oldBinaries !== undefined && copy !== undefined) return { from: found, to: ours, oldBinaries, copy }
  return refuseMajor(place, found, ours, oldBinaries !== undefined)
}

/** The PostgreSQL of this major version that lies in the home; undefined: there is none. */
const binariesOf = async (home: string, major: string): Promise<string | undefined> => {
  const names = (await readdir(home)).filter((name) => /^postgresql-\d[^/]*$/.test(name) && !name.endsWith('.new'))
  for (const name of names.sort().reverse()) {
    const folder = path.join(home, name)
    if (name.startsWith(`postgresql-${major}.`) && (await exists(path.join(folder, 'bin/postgres')))) return folder
  }
  return undefined
}

/**
 * Brings a cluster of an older major version to ours: its own PostgreSQL gives the rows, read-only, to a new cluster beside it, which
 * takes its name once it holds all of them (ADR 022). A crash at any moment leaves the old one whole and in its place, or the
 * new one proved.
 * @throws DatabaseUnusableError; the old one is as it was then
 */
export const upgradeCluster = async (request: UpgradeRequest): Promise<void> => {
  const { place, from, to, log, passwords } = request
  const draft = path.join(place.home, 'cluster.upgrade')
  await removeLeftovers(place, draft)
  const bytes = await folderBytes(place.cluster)
  refuseNoRoomForCopy(place.home, bytes, request.free, { from, to })
  const minutes = Math.ceil(bytes / BYTES_PER_SECOND / 60)
  log.warn(
    { from, to, mebibytes: mebibytes(bytes), minutes },
    `the database of PostgreSQL ${from} is copied into one of PostgreSQL ${to}: about ${mebibytes(bytes)} MiB more on the ` +
      `disk, and about ${minutes} min; until it is done the old one stays as it is, and nobody is served`,
  )
  const began = performance.now()
  // In folders of their own, where no other program of ours looks for the database.
  const old = { ...place, sockets: await prepareSockets(place.home, place.account, 'pg-from') }
  const fresh = { ...place, cluster: draft, sockets: await prepareSockets(place.home, place.account, 'pg-into') }
  try {
    const report = await withServer({ ...request, place: old, binaries: request.oldBinaries }, READ_ONLY, async () => {
      await createCluster(fresh, request.binaries, passwords, request.durable)
      return await withServer({ ...request, place: fresh }, LOADING, async () => {
        await ensureApplicationDatabase(fresh, passwords)
        const { administration } = passwords
        const into = connectionOf(fresh, 'postgres', administration, 'rebootless')
        return await request.copy({
          from: connectionOf(old, 'postgres', administration, 'rebootless'),
          into: { ...into, options: `-c role=${OWNER_ROLE}` },
        })
      })
    })
    const kept = await switchCluster(place.home, draft, from)
    const seconds = Math.round((performance.now() - began) / 1000)
    log.warn(
      { from, to, ...report, seconds, kept },
      `the database is one of PostgreSQL ${to} now, with the same rows; the old one is kept in ${kept}: remove it when ` +
        'hosts and pages are as they were',
    )
  } catch (error) {
    await removeLeftovers(place, draft)
    throw new DatabaseUnusableError(
      `The database in ${place.cluster} could not be brought from PostgreSQL ${from} to ${to}: ${reasonOf(error)} ` +
        `It is as it was: the Rebootless that used it last can go on with it.`,
      { cause: error },
    )
  } finally {
    for (const { sockets } of [old, fresh]) await rm(sockets, { recursive: true, force: true })
  }
}

/** What it holds is what is copied: nothing of its own may change it meanwhile. */
const READ_ONLY = { default_transaction_read_only: 'on', autovacuum: 'off' }
/** Tables that are made and filled in one transaction are then written once, and not a second time into the log of changes. */
const LOADING = { wal_level: 'minimal', max_wal_senders: '0', autovacuum: 'off' }

type Server = Omit<ServerRequest, 'settings' | 'beforeStart'> & { readonly durable: boolean }

const withServer = async <T>(server: Server, settings: Record<string, string>, work: () => Promise<T>): Promise<T> => {
  const identity = await ensureServer({
    ...server,
    settings: { ...serverSettings(server.place), ...settings, ...(server.durable ? {} : { fsync: 'off' }) },
    beforeStart: async () => undefined,
  })
  try {
    return await work()
  } finally {
    await endPostmaster(identity, 60_000)
  }
}

/** Of an upgrade that was killed. A cluster that was proved beside one that is still there is older than what that holds by now. */
const removeLeftovers = async ({ home }: Place, draft: string): Promise<void> => {
  const server = await findPostmaster(draft)
  if (server) await endPostmaster(server.identity, 5_000)
  for (const folder of [draft, `${draft}.new`, provedCluster(home)]) await rm(folder, { recursive: true, force: true })
}

/** PostgreSQL's own words on a row hold its values, which may be secret (threat-model T31): only their code is said. */
const reasonOf = (error: unknown): string => {
  const { code, severity, message } = error as { code?: unknown; severity?: unknown; message?: unknown }
  if (code === 'ENOSPC' || code === '53100') return 'the disk is full.'
  if (severity !== undefined) return `PostgreSQL refused it (${code}).`
  return String(message ?? error)
}

const folderBytes = async (folder: string): Promise<number> => {
  let bytes = 0
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    const found = await stat(path.join(entry.parentPath, entry.name)).catch(() => undefined)
    bytes += found?.size ?? 0
  }
  return bytes
}
