import { cveIds } from '../tool-text.ts'

/** An update as Ksplice names it. */
export interface KspliceUpdate {
  readonly id: string
  readonly name: string
}

/** Eight characters, as in `[r9hrmw28] Enablement update for live patching.` */
export const isUpdateId = (text: string): boolean => /^[0-9a-z]{8}$/.test(text)

/**
 * Beginnings of the titles of updates that repair nothing: they prepare the kernel, or watch for attempts. The lists in
 * Oracle's Ksplice user's guide, "ksplice all show" and "Known exploit detection"; titles in published logs.
 */
const NO_FIXES = [
  ...['Known exploit detection', 'Enablement update', 'KPTI enablement', 'Provide an interface'],
  ...['Protective update', 'Improvement update', 'Enable livepatching'],
] as const

/** Whether an update repairs something. */
export const isFix = (title: string): boolean => !NO_FIXES.some((beginning) => title.startsWith(beginning))

/**
 * The CVEs that an update fixes: those before the colon, as in `CVE-2020-27170, CVE-2020-27171: Information disclosure`.
 * `Known exploit detection for CVE-2019-9213.` names one that it does not fix.
 */
export const cvesOfTitle = (title: string): string[] => (isFix(title) ? cveIds(title.split(': ', 1)[0] ?? '') : [])
