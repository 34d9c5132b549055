import { cvesNamed } from '@rebootless/shared/domain/patch-cves.ts'

export type HandCves = { ok: true; cves: string[] } | { ok: false; detail: string }

/** CVEs as somebody types them, between blanks or commas. */
export const parseHandCves = (typed: string): HandCves => {
  const words = typed.split(/[\s,;]+/).filter((word) => word !== '')
  const wrong = words.find((word) => cvesNamed(word)[0] !== word.toUpperCase())
  if (wrong !== undefined) return { ok: false, detail: `“${wrong}” is no CVE: write it as CVE-2024-1086.` }
  return { ok: true, cves: cvesNamed(typed) }
}
