import type { CountsByExposure } from '@rebootless/shared/contract/cves.ts'
import { EXPOSURES, VERDICTS } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { MAY_BE_ACCEPTED } from './acceptable.ts'
import type { ClassHosts } from './host-rows.ts'
import { byteOf, type VerdictMatrix } from './verdict-matrix.ts'

const WORDS = VERDICTS.length + 1
const EXPOSED = byteOf('exposed')

/** Hosts of each CVE by verdict, and how many of all wait. */
export interface HostCounts {
  readonly hostCount: number
  readonly hostsWaiting: number
  /** `accepted`: how many hosts of each class have an exception for it; what it was to them before, it is no more. */
  of(cveId: string, accepted: ReadonlyMap<string, number> | undefined): CountsByExposure
  /** The earliest over the classes that are exposed: since the verdict, but not before the first of its hosts came into it. */
  exposedSince(cveId: string): string | null
}

export const noCounts = (): CountsByExposure =>
  Object.fromEntries(EXPOSURES.map((word) => [word, 0])) as CountsByExposure

/** A sum over classes and CVEs. */
export const countHosts = (classes: readonly ClassHosts[], matrix: VerdictMatrix): HostCounts => {
  const sums = new Uint32Array(matrix.cves.length * WORDS)
  const exposedSince = new Float64Array(matrix.cves.length).fill(Number.POSITIVE_INFINITY)
  let [hostCount, hostsWaiting] = [0, 0]
  for (const { classId, count, since } of classes) {
    const verdicts = matrix.classes.get(classId)
    hostCount += count
    let isJudged = false
    for (const [number, byte] of verdicts?.statuses.entries() ?? []) {
      if (byte === 0) continue
      isJudged = true
      const index = number * WORDS + byte
      sums[index] = (sums[index] ?? 0) + count
      if (byte !== EXPOSED) continue
      const from = Math.max(since.getTime(), verdicts?.since[number] ?? 0)
      exposedSince[number] = Math.min(exposedSince[number] ?? from, from)
    }
    if (!isJudged) hostsWaiting += count
  }
  const numbers = new Map(matrix.cves.map((id, number) => [id, number]))
  return {
    hostCount,
    hostsWaiting,
    of(cveId, accepted) {
      const counts = noCounts()
      const number = numbers.get(cveId)
      if (number === undefined) return counts
      for (const [index, word] of VERDICTS.entries()) counts[word] = sums[number * WORDS + index + 1] ?? 0
      for (const [classId, hosts] of accepted ?? []) {
        const word = VERDICTS[(matrix.classes.get(classId)?.statuses[number] ?? 0) - 1]
        if (word === undefined || !MAY_BE_ACCEPTED.has(word)) continue
        counts[word] -= hosts
        counts.accepted += hosts
      }
      return counts
    },
    exposedSince(cveId) {
      const since = exposedSince[numbers.get(cveId) ?? -1] ?? Number.POSITIVE_INFINITY
      return since === Number.POSITIVE_INFINITY ? null : new Date(since).toISOString()
    },
  }
}
