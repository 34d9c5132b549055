import { cveIds } from '../tool-text.ts'

/** `kcarectl --patch-info`: a header, then a block for each patch of the set (TuxCare's documentation, "Extra patchset"). */
export interface PatchInfo {
  /** `uname` of the header; null: it has none. */
  readonly effectiveKernel: string | null
  /** Of all blocks, once each: one fix may take several. */
  readonly cves: readonly string[]
}

/** null: it has no block. */
export const parsePatchInfo = (text: string): PatchInfo | null => {
  const lines = text.split(/\r?\n/)
  const values = (key: string) =>
    lines.flatMap((line) => (line.startsWith(`${key}: `) ? [line.slice(key.length + 2)] : []))
  const names = values('kpatch-name')
  if (names.length === 0) return null
  return {
    effectiveKernel: effectiveVersion(values('uname')[0] ?? ''),
    cves: cveIds(values('kpatch-cve').join(' ')),
  }
}

/**
 * /proc/kcare/effective_version, which stands for /proc/version (TuxCare's documentation): whether it is a release or the
 * whole line is not said, so the first word that looks like a release is taken.
 */
export const effectiveVersion = (text: string): string | null =>
  /(?<![\w.+~:-])\d{1,4}\.\d[\w.+~:-]{0,120}/.exec(text.slice(0, 4096))?.[0] ?? null

/** `kcarectl --version`. */
export const agentVersion = (text: string): string | null =>
  /(?<![\w.-])\d{1,4}\.\d[\w.+~-]{0,60}/.exec(text.slice(0, 1024))?.[0] ?? null

/** Settings that decide what it does, all documented; PATCH_SERVER and REGISTRATION_URL may hold keys, so they are left out. */
const SETTINGS = [
  ...['AUTO_UPDATE', 'UPDATE_POLICY', 'PATCH_METHOD', 'PREFIX', 'STICKY_PATCH', 'STICKY_PATCHSET'],
  ...['AUTO_STICKY_PATCHSET', 'UPDATE_DELAY', 'AUTO_UPDATE_DELAY', 'IGNORE_UNKNOWN_KERNEL', 'LOAD_KCARE_SYSCTL'],
  'USERSPACE_PATCHES',
] as const

/** /etc/sysconfig/kcare/kcare.conf without all that is not known to be harmless. */
export const redactConfig = (text: string): string =>
  parseConfig(text)
    .map(({ name, value }) => `${name}=${value}`)
    .join('\n')

export const parseConfig = (text: string): { name: string; value: string }[] => {
  const values = new Map<string, string>()
  for (const line of text.split(/[\r\n]+/)) {
    const [, name = '', value = ''] = /^\s{0,8}([A-Z_]{1,32})\s{0,8}=\s{0,8}([\w.:,-]{1,64})\s{0,8}$/.exec(line) ?? []
    if ((SETTINGS as readonly string[]).includes(name)) values.set(name, value)
  }
  return [...values].map(([name, value]) => ({ name, value }))
}

/** What the licence's text may hold besides words: keys and what names the server. */
export const redactLicense = (text: string): string =>
  text.replace(/[\w+/=.:-]{1,512}/g, (word) =>
    /\d/.test(word) && !/^\d{4}-\d\d-\d\d$/.test(word) ? '[redacted]' : word,
  )
