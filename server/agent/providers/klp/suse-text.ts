import { cveIds, isModuleName } from '../tool-text.ts'

/** One patch as `klp -v patches` and `kgr -v patches` print it. */
export interface SusePatch {
  readonly name: string
  /** As printed: `1` or `0`. */
  readonly active: string
  readonly rpm: string | null
  readonly cves: readonly string[]
  /** The first patch of a kernel fixes nothing; it makes room for those that come. */
  readonly initial: boolean
}

export interface SusePatches {
  readonly patches: readonly SusePatch[]
  /** Blocks of lines that are no patch. */
  readonly notUnderstood: number
}

/** `klp status`, `kgr status`: klp.man, kgr.man. null: neither of the two words. */
export const parseSuseStatus = (text: string): 'ready' | 'in_progress' | null => {
  const word = text.trim()
  return word === 'ready' || word === 'in_progress' ? word : null
}

/**
 * A patch begins with its name; lines that begin with white space are its fields (SUSE's own reading of it: openQA, lib/klp.pm);
 * lines with `#` are passed over (Uyuni). One that is not active has `active: 0` and no more; without that field it is no patch.
 */
export const parseSusePatches = (text: string): SusePatches => {
  const patches = new Map<string, SusePatch>()
  let notUnderstood = 0
  let name: string | null = null
  let fields = new Map<string, string>()
  const end = () => {
    const active = fields.get('active')
    if (name !== null && isModuleName(name) && active !== undefined) {
      if (!patches.has(name)) patches.set(name, toPatch(name, active, fields))
    } else if (name !== null || fields.size > 0) notUnderstood += 1
    name = null
    fields = new Map()
  }
  for (const raw of text.split('\n')) {
    const line = raw.trimEnd()
    if (line.startsWith('#')) continue
    if (line === '') end()
    else if (/^\s/.test(line)) {
      const colon = line.indexOf(':')
      fields.set(line.slice(0, Math.max(colon, 0)).trim().slice(0, 64), line.slice(colon + 1).trim())
    } else {
      end()
      name = line
    }
  }
  end()
  return { patches: [...patches.values()], notUnderstood }
}

const toPatch = (name: string, active: string, fields: ReadonlyMap<string, string>): SusePatch => {
  const rpm = fields.get('RPM')?.slice(0, 256) ?? null
  const cve = fields.get('CVE') ?? ''
  return {
    name,
    active,
    rpm,
    cves: cveIds(cve),
    initial: cve.includes('initial kernel live patch') || rpmVersion(rpm) === '1',
  }
}

/**
 * N of kernel-livepatch-KERNEL-FLAVOUR-N-RELEASE.ARCH, which grows by one with each patch of a kernel: "Live kernel patching with KLP",
 * SUSE's administration guide.
 */
export const rpmVersion = (rpm: string | null): string | null => rpmEdition(rpm)?.split('-')[0] ?? null

/** `1-5.3.2` of kernel-livepatch-5_3_18-24_34-default-1-5.3.2.x86_64. */
export const rpmEdition = (rpm: string | null): string | null => {
  const parts = rpm?.split('-') ?? []
  const [version = '', release = ''] = parts.slice(-2)
  const withoutArchitecture = release.slice(0, Math.max(release.lastIndexOf('.'), 0))
  return parts.length > 3 && /^\d{1,9}$/.test(version) && withoutArchitecture !== ''
    ? `${version}-${withoutArchitecture}`
    : null
}

/** `klp blocking`: process ids, one a line; when there are none, nothing or a sentence. */
export const parseBlocking = (text: string): number[] =>
  text.split('\n').flatMap((line) => {
    const pid = /^(\d{1,10})(?:\s|$)/.exec(line)?.[1]
    return pid === undefined ? [] : [Number(pid)]
  })

/**
 * A patch changes what `uname -v` ends in: before SLE 15 SP4 to `(b2a976e/lp-cd28ef5)`, with kGraft to `/kGraft-8b8f2e8)`, later to
 * `/lp)`. A hint where it stands, while its absence says nothing (openQA, lib/klp.pm; SUSE/doc-sle, pull request 1569).
 */
export const patchedByUname = (version: string | null): boolean =>
  /\/(?:lp|kGraft)(?:-[0-9a-f]{1,40})?\)$/.test(version ?? '')
