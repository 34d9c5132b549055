import type { ExposureTally } from '../../contract/exposure-change.ts'
import { SEVERITIES, type Severity } from '../exposure/exposure-words.ts'

const CVES_MAX = 200

export interface CveWeight {
  readonly severity: Severity
  readonly knownExploited: boolean
}

/** @param found hosts, each group with the CVEs of every host in it; no host is in two groups */
export const tallyOf = (
  found: readonly { readonly hosts: readonly string[]; readonly cves: readonly string[] }[],
  weights: ReadonlyMap<string, CveWeight>,
): ExposureTally => {
  const perCve = new Map<string, number>()
  let hosts = 0
  for (const group of found) {
    if (group.cves.length > 0) hosts += group.hosts.length
    for (const cve of group.cves) perCve.set(cve, (perCve.get(cve) ?? 0) + group.hosts.length)
  }
  const cves = [...perCve]
    .map(([cve, count]) => ({
      ...{ cve, hosts: count },
      ...(weights.get(cve) ?? { severity: 'unknown' as const, knownExploited: false }),
    }))
    .filter((one) => one.hosts > 0)
    .sort(
      (left, right) =>
        Number(right.knownExploited) - Number(left.knownExploited) ||
        SEVERITIES.indexOf(left.severity) - SEVERITIES.indexOf(right.severity) ||
        right.hosts - left.hosts ||
        (left.cve < right.cve ? -1 : 1),
    )
  const sum = (of: (severity: Severity, knownExploited: boolean) => boolean) =>
    cves.reduce((total, one) => total + (of(one.severity, one.knownExploited) ? one.hosts : 0), 0)
  const bySeverity = (severity: Severity) => sum((one) => one === severity)
  return {
    ...{ exposures: sum(() => true), hosts, knownExploited: sum((_, known) => known), cveCount: cves.length },
    bySeverity: {
      ...{ critical: bySeverity('critical'), high: bySeverity('high'), medium: bySeverity('medium') },
      ...{ low: bySeverity('low'), unknown: bySeverity('unknown') },
    },
    cves: cves.slice(0, CVES_MAX),
  }
}
