import { stat, statfs } from 'node:fs/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { CertificateAuthorities } from '../link/certificate-authorities.ts'
import type { ReadOwnFacts } from './ports.ts'

/** Shorter gaps are a restart. */
const GAP_MS_MIN = 60_000
/** So long it is told that the database was away. */
const GAP_TOLD_MS = 30 * 60_000

export interface OwnFactsOptions {
  readonly dataFolder: string
  /** Of a database that is this server's own. */
  readonly databaseFolder?: string | undefined
  readonly databaseFault: () => Promise<string | undefined>
  readonly authorities: Pick<CertificateAuthorities, 'shown'>
}

const diskOf = async (name: string, folder: string) => {
  const { bavail, blocks, bsize } = await statfs(folder)
  return { name, freeBytes: bavail * bsize, sizeBytes: blocks * bsize }
}

/** Measures this server: its disks, what it knows of its database, and how long its own work waits. */
export const createOwnFacts = (options: OwnFactsOptions) => {
  const { dataFolder, databaseFolder, databaseFault, authorities } = options
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  let lastRead: number | null = null
  let gap: { readonly from: number; readonly to: number } | null = null
  let faultSince: number | null = null

  const databaseFacts = async (now: number) => {
    const fault = await databaseFault()
    faultSince = fault === undefined ? null : (faultSince ?? now)
    if (fault !== undefined && faultSince !== null) return { sentence: fault, since: faultSince }
    if (gap === null || now - gap.to > GAP_TOLD_MS) return null
    const minutes = Math.round((gap.to - gap.from) / 60_000)
    return { sentence: `For ${minutes} min alerts could not be read from it; it serves again.`, since: gap.from }
  }

  /** The database of a server that root started may lie elsewhere (database/embedded/place.ts). */
  const disks = async () => {
    const ofData = await diskOf('the data folder', dataFolder)
    if (databaseFolder === undefined || (await stat(databaseFolder)).dev === (await stat(dataFolder)).dev)
      return [ofData]
    return [ofData, await diskOf('the database', databaseFolder)]
  }

  const read: ReadOwnFacts = async (at) => {
    const now = at.getTime()
    if (lastRead !== null && now - lastRead > GAP_MS_MIN) gap = { from: lastRead, to: now }
    lastRead = now
    // The longest that the loop was held since the last look, less what the clock of the measurement itself takes.
    const lagMs = Number.isFinite(delay.percentile(99)) ? delay.percentile(99) / 1e6 : 0
    delay.reset()
    const { fingerprint, certificate } = authorities.shown()
    return {
      disks: await disks(),
      database: await databaseFacts(now),
      authorities: [{ fingerprint, expiresAt: new Date(certificate.validTo).getTime() }],
      lagMs,
    }
  }
  return { read, close: () => delay.disable() }
}
