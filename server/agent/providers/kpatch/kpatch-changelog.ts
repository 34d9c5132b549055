import { cveIds } from '../tool-text.ts'

const ENTRIES_MAX = 1024

/** One release of a package with what it fixed, newest first. */
export interface ChangelogEntry {
  /** VERSION-RELEASE without the distribution's tail: `1-4`. */
  readonly version: string
  readonly cves: readonly string[]
}

/**
 * `rpm -q --changelog kpatch-patch-…`: an entry begins with `* Tue Dec 03 2019 NAME <MAIL> [1-4.el8]`, its lines name CVEs as
 * `{CVE-2018-12207}` (Red Hat's course on kpatch, "Identifying CVEs within kpatches").
 */
export const parseChangelog = (text: string): ChangelogEntry[] => {
  const entries: { version: string; lines: string[] }[] = []
  for (const raw of text.split('\n')) {
    const line = raw.trimEnd()
    if (!line.startsWith('* ')) entries.at(-1)?.lines.push(line)
    else entries.push({ version: headerVersion(line), lines: [] })
  }
  return entries.slice(0, ENTRIES_MAX).map(({ version, lines }) => ({ version, cves: cveIds(lines.join('\n')) }))
}

const headerVersion = (line: string): string => {
  const inside = line.endsWith(']') ? line.slice(line.lastIndexOf('[') + 1, -1) : ''
  return /^(\d{1,9}-\d{1,9})(?:\.|$)/.exec(inside)?.[1] ?? ''
}

/** kpatch-patch packages are cumulative, so a module of version `1-3` has what was fixed up to there, and not what came later. */
export const fixedUpTo = (version: string, entries: readonly ChangelogEntry[]): string[] => {
  const from = entries.findIndex((entry) => entry.version === version)
  return from === -1 ? [] : [...new Set(entries.slice(from).flatMap(({ cves }) => cves))]
}
