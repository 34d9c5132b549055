import type { CountsByExposure } from '@rebootless/shared/contract/cves.ts'
import { EXPOSURES, VERDICTS } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { ACCEPTABLE } from './acceptable.ts'
import type { AcceptedHosts } from './accepted-hosts.ts'
import type { ClassHosts } from './host-rows.ts'
import type { KnownCve } from './known-cves.ts'
import { byteOf, type VerdictMatrix } from './verdict-matrix.ts'

const WORDS = VERDICTS.length + 1
const NOT_JUDGED = new Uint8Array(0)
const EXPOSED = byteOf('exposed')
const MAY_BE_ACCEPTED: readonly number[] = ACCEPTABLE.map(byteOf)

/** Hosts of each CVE by exposure, and how many of all wait. */
export interface HostCounts {
  readonly hostCount: number
  readonly hostsWaiting: number
  of(cveId: string): CountsByExposure
  /**
   * The earliest over the classes that are exposed and not accepted on all of their hosts: since the verdict, but not before the first of
   * its hosts came into it.
   */
  exposedSince(cveId: string): string | null
}

const NO_COUNTS = Object.fromEntries(EXPOSURES.map((word) => [word, 0])) as CountsByExposure
export const noCounts = (): CountsByExposure => ({ ...NO_COUNTS })

/** A sum over classes and CVEs. */
export const countHosts = (
  classes: readonly ClassHosts[],
  matrix: VerdictMatrix,
  known: ReadonlyMap<string, KnownCve>,
  acceptedHosts: AcceptedHosts,
): HostCounts => {
  const sums = new Uint32Array(matrix.cves.length * WORDS)
  const acceptedSums = new Uint32Array(matrix.cves.length)
  const kinds = matrix.cves.map((id) => {
    const cve = known.get(id)
    return cve === undefined ? undefined : acceptedHosts.kindOf(cve)
  })
  const exposedSince = new Float64Array(matrix.cves.length).fill(Number.POSITIVE_INFINITY)
  let [hostCount, hostsWaiting] = [0, 0]
  for (const { classId, count, since } of classes) {
    const verdicts = matrix.classes.get(classId)
    const byKind = acceptedHosts.of(classId)
    hostCount += count
    let isJudged = false
    const statuses = verdicts?.statuses ?? NOT_JUDGED
    // By its number: `entries` makes an array of each of what may be a hundred thousand.
    for (let number = 0; number < statuses.length; number += 1) {
      const byte = statuses[number] ?? 0
      if (byte === 0) continue
      isJudged = true
      const index = number * WORDS + byte
      const kind = byKind === undefined ? undefined : kinds[number]
      // Counted in a question of its own: a host may have come into the class meanwhile.
      const accepted = kind === undefined || !MAY_BE_ACCEPTED.includes(byte) ? 0 : Math.min(byKind?.[kind] ?? 0, count)
      sums[index] = (sums[index] ?? 0) + count - accepted
      acceptedSums[number] = (acceptedSums[number] ?? 0) + accepted
      if (byte !== EXPOSED || accepted === count) continue
      const from = Math.max(since.getTime(), verdicts?.since[number] ?? 0)
      exposedSince[number] = Math.min(exposedSince[number] ?? from, from)
    }
    if (!isJudged) hostsWaiting += count
  }
  const numbers = new Map(matrix.cves.map((id, number) => [id, number]))
  return {
    hostCount,
    hostsWaiting,
    of(cveId) {
      const counts = noCounts()
      const number = numbers.get(cveId)
      if (number === undefined) return counts
      for (const [index, word] of VERDICTS.entries()) counts[word] = sums[number * WORDS + index + 1] ?? 0
      counts.accepted = acceptedSums[number] ?? 0
      return counts
    },
    exposedSince(cveId) {
      const since = exposedSince[numbers.get(cveId) ?? -1] ?? Number.POSITIVE_INFINITY
      return since === Number.POSITIVE_INFINITY ? null : new Date(since).toISOString()
    },
  }
}
