import type { CountsByExposure } from '@rebootless/shared/contract/cves.ts'
import { EXPOSURES, VERDICTS } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import type { ClassHosts } from './host-rows.ts'
import type { VerdictMatrix } from './verdict-matrix.ts'

const WORDS = VERDICTS.length + 1

/** Hosts of each CVE by verdict, and how many of all wait. */
export interface HostCounts {
  readonly hostCount: number
  readonly hostsWaiting: number
  of(cveId: string): CountsByExposure
}

export const noCounts = (): CountsByExposure =>
  Object.fromEntries(EXPOSURES.map((word) => [word, 0])) as CountsByExposure

/** A sum over classes and CVEs. */
export const countHosts = (classes: readonly ClassHosts[], matrix: VerdictMatrix): HostCounts => {
  const sums = new Uint32Array(matrix.cves.length * WORDS)
  let [hostCount, hostsWaiting] = [0, 0]
  for (const { classId, count } of classes) {
    const bytes = matrix.classes.get(classId)
    hostCount += count
    if (bytes === undefined || bytes.length === 0) hostsWaiting += count
    else for (const [number, byte] of bytes.entries()) if (byte > 0) add(sums, number * WORDS + byte, count)
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
      return counts
    },
  }
}

const add = (sums: Uint32Array, index: number, count: number) => {
  sums[index] = (sums[index] ?? 0) + count
}
