/** What `kcarectl --info` prints: published outputs of 2016 and 2021, and cPanel's reader of it (Cpanel::KernelCare). */
export type KcareInfo =
  | { readonly patched: true; readonly stateText: string; readonly set: PatchSet | null }
  /** `unknown`: KernelCare makes no patches for this kernel. */
  | { readonly patched: false; readonly kernel: 'known' | 'unknown' }

/** One set of patches, which takes the place of the one before: of a level, and of a kind. */
export interface PatchSet {
  readonly level: string
  /** `default`, `free`, `extra`; null: it is the usual one, which has no word in the text. */
  readonly type: string | null
  /** The release whose fixes it brings. */
  readonly effectiveKernel: string
}

/** null: it is none of the known texts. */
export const parseInfo = (text: string): KcareInfo | null => {
  const lines = text.split(/\r?\n/)
  const value = (key: string) => lines.find((line) => line.startsWith(`${key}: `))?.slice(key.length + 2)
  const stateText = value('kpatch-state')?.trim()
  if (stateText !== undefined)
    return { patched: true, stateText, set: parseDescription(value('kpatch-description') ?? '') }
  if (lines.some((line) => /^Unknown kernel \(.{0,300}\), no patches available/.test(line)))
    return { patched: false, kernel: 'unknown' }
  return lines.some((line) => line.includes('No patches applied')) ? { patched: false, kernel: 'known' } : null
}

/** `3;3.16.36-1+deb8u2` of old agents, `1-:1615812815;5.4.0-1028.31` since: level, kind, time of making, effective release. */
export const parseDescription = (text: string): PatchSet | null => {
  const [, level, type = '', effectiveKernel] =
    /^(\d{1,9})(?:-(\w{0,32}):\d{1,12})?;([\w.+~:-]{1,128})\s*$/.exec(text) ?? []
  return level === undefined || effectiveKernel === undefined
    ? null
    : { level, type: type === '' ? null : type, effectiveKernel }
}

/** Kinds of patch sets that may be chosen; `unset`: none is. */
const PATCH_TYPES = ['default', 'free', 'extra', 'unset'] as const
export type PatchType = (typeof PATCH_TYPES)[number]

/**
 * `patch-type` of `kcarectl --info --json`, the only key whose meaning is published (Cpanel::KernelCare, `get_patch_type`). Agents that
 * know no `--json` print the text instead. null: it does not say.
 */
export const parsePatchType = (text: string): PatchType | null => {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'patch-type')) return null
  const type: unknown = Reflect.get(value, 'patch-type')
  return PATCH_TYPES.find((known) => known === type) ?? null
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
