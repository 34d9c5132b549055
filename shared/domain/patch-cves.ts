import type { PatchCve } from '../contract/patches.ts'

const IN_TEXT = /\bCVE-\d{4}-\d{4,19}\b/gi
const CVES_MAX = 1000

/** The CVEs that a text names, once each, in upper case. */
export const cvesNamed = (text: string): string[] => [
  ...new Set([...text.matchAll(IN_TEXT)].map(([cve]) => cve.toUpperCase())),
]

/** What a patch fixes, each with who says so; by name. */
export const patchCves = (said: {
  /** As a module's own metadata names them. */
  readonly metadata: readonly string[]
  /** Of a set: what its modules are said to fix, by whomever. */
  readonly modules?: readonly string[]
  readonly vendorNotes: string
  readonly hand: readonly string[]
}): PatchCve[] => {
  const sources = new Map<string, PatchCve['sources']>()
  const add = (cves: readonly string[], source: PatchCve['sources'][number]) => {
    for (const cve of new Set(cves)) sources.set(cve, [...(sources.get(cve) ?? []), source])
  }
  add(said.metadata, 'metadata')
  add(said.modules ?? [], 'modules')
  add(cvesNamed(said.vendorNotes), 'vendor notes')
  add(said.hand, 'hand')
  return [...sources]
    .map(([cve, from]) => ({ cve, sources: from }))
    .sort((left, right) => (left.cve < right.cve ? -1 : 1))
    .slice(0, CVES_MAX)
}
