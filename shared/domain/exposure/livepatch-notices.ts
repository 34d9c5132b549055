import type { ExposureFacts } from '../../contract/exposure.ts'
import type { KnownNotice } from '../../contract/vulnerabilities.ts'
import { compareDpkgVersions } from './dpkg-version.ts'
import { withoutArchitecture } from './running-kernel.ts'

type EffectiveLivepatch = ExposureFacts['livepatches'][number]

/** A livepatch that some notice has for one kernel. */
interface NoticedBuild {
  /** Of the livepatch, counted by its vendor: SUSE's number, or Red Hat's two. null: the notice does not tell it. */
  readonly version: readonly number[] | null
  /** Only modules that name this branch of sources have that version; null: any of the kernel. */
  readonly branch: string | null
  /** As its package is named, or the notice where it names none. */
  readonly name: string
  readonly known: KnownNotice
}

/** Notices by the kernels that they are for, made once for all classes. */
export interface NoticeIndex {
  /** Without architecture and distribution's tag. */
  readonly byKernel: ReadonlyMap<string, readonly NoticedBuild[]>
  /** Of Canonical, which tells the oldest kernel and no build. */
  readonly canonical: readonly { readonly number: number; readonly known: KnownNotice }[]
}

/** A CVE that a notice says is fixed by what is in effect, or would be by what is not. */
export interface NoticedFix {
  readonly livepatch: string
  readonly known: KnownNotice
  /** Whether the notice lists the CVE for this very kernel, and not for all kernels that it covers. */
  readonly isOfKernel: boolean
  /** Of one that is offered: whether it is sure that what is in effect lacks it. A notice without versions may leave that open. */
  readonly isLacking: boolean
}

export interface NoticedFixes {
  readonly inEffect: ReadonlyMap<string, NoticedFix>
  /** Published for this kernel, and not in effect. The earliest. */
  readonly offered: ReadonlyMap<string, NoticedFix>
}

/** `5.14.0-70.13.1` of 5.14.0-70.13.1.el9_0.x86_64: Red Hat's and Amazon's notices leave out what follows. */
const kernelKey = (release: string): string => withoutArchitecture(release).replace(/\.(el\d+\w*|amzn\d+)$/, '')

export const indexNotices = (notices: readonly KnownNotice[]): NoticeIndex => {
  const byKernel = new Map<string, NoticedBuild[]>()
  const canonical: NoticeIndex['canonical'][number][] = []
  for (const known of notices) {
    if (known.notice.system === 'canonical') {
      const number = canonicalNumber(
        known.notice.moduleVersion ?? known.notice.notice.replace(/^LSN-0*(\d+)-\d+$/, '$1'),
      )
      if (number !== null) canonical.push({ number, known })
    } else {
      for (const [kernel, build] of buildsOf(known)) byKernel.set(kernel, [...(byKernel.get(kernel) ?? []), build])
    }
  }
  return { byKernel, canonical }
}

/** `102` of 102.1: the number of the notice. */
const canonicalNumber = (version: string): number | null => {
  const [, number] = /^(\d{1,6})(?:\.\d+)*$/.exec(version) ?? []
  return number === undefined ? null : Number(number)
}

const buildsOf = (known: KnownNotice): [string, NoticedBuild][] => {
  const { packages, kernels, notice, moduleVersion } = known.notice
  const ofPackages = packages.map(readPackage).filter((found) => found !== null)
  if (ofPackages.some(({ version }) => version !== null) || kernels.length === 0)
    return ofPackages.map(({ kernel, name, version }) => [kernel, { name, version, branch: null, known }])
  const told = moduleVersion ?? / version (\d+)$/.exec(notice)?.[1] ?? null
  const version = told !== null && /^\d{1,6}$/.test(told) ? [Number(told)] : null
  // A branch of sources has one version, of its own kernel: of several it is not told which, unless the module names the branch.
  const branch = kernels.length === 1 ? null : notice.replace(/ version \d+$/, '').replaceAll('-', '_')
  return kernels.map((kernel) => [kernelKey(kernel), { name: notice, version, branch, known }])
}

/**
 * SUSE's packages name kernel and version: `kernel-livepatch-5_14_21-150400_24_100-default-2-150400.2.1` is version 2 for
 * 5.14.21-150400.24.100-default (SUSE Linux Enterprise Live Patching, "Package names"). Red Hat's do, where the release is told:
 * `kpatch-patch-5_14_0-70_13_1-1-2.el9_0`.
 */
const readPackage = (name: string): { kernel: string; version: number[] | null; name: string } | null => {
  const suse = /^(?:kernel-livepatch|kgraft-patch)-(\d[\d_]*-\d[\d_]*)-([a-z][a-z0-9]*)-(\d{1,6})-[^-]+$/.exec(name)
  if (suse?.[1] !== undefined)
    return { kernel: `${suse[1].replaceAll('_', '.')}-${suse[2]}`, version: [Number(suse[3])], name }
  const redHat = /^kpatch-patch-(\d[\d_]*-\d[\d_]*?)(?:-(\d{1,6})-(\d{1,6})(?:\.[\w.]+)?)?$/.exec(name)
  if (redHat?.[1] === undefined) return null
  const version = redHat[2] === undefined ? null : [Number(redHat[2]), Number(redHat[3])]
  return { kernel: redHat[1].replaceAll('_', '.'), version, name }
}

/** What notices say of this kernel, and of the livepatches that are in effect on it. */
export const noticedFixes = (index: NoticeIndex, facts: ExposureFacts): NoticedFixes => {
  const inEffect = new Map<string, NoticedFix>()
  const offered = new Map<string, NoticedFix>()
  const credit = (fixes: Map<string, NoticedFix>, cve: string, fix: NoticedFix) => {
    const other = fixes.get(cve)
    if (other === undefined || isBetter(fix, other)) fixes.set(cve, fix)
  }
  for (const build of index.byKernel.get(kernelKey(facts.release)) ?? []) {
    const carrier = facts.livepatches.find((livepatch) => carries(livepatch, build, facts.release))
    for (const cve of build.known.notice.cves) {
      const livepatch = carrier ?? facts.livepatches.find((candidate) => isOfCve(candidate, build, cve))
      const isLacking = (build.version !== null && build.branch === null) || facts.livepatches.length === 0
      const fix = { known: build.known, isOfKernel: true, isLacking }
      if (livepatch === undefined) credit(offered, cve, { ...fix, livepatch: build.name })
      else credit(inEffect, cve, { ...fix, livepatch: livepatch.name })
    }
  }
  for (const { number, known } of index.canonical) {
    if (!coversKernel(known, facts)) continue
    const livepatch = facts.livepatches.find((candidate) => (canonicalVersion(candidate) ?? 0) >= number)
    const fix = { known, isOfKernel: false, isLacking: true }
    for (const cve of known.notice.cves) {
      if (livepatch === undefined) credit(offered, cve, { ...fix, livepatch: known.notice.notice })
      else credit(inEffect, cve, { ...fix, livepatch: livepatch.name })
    }
  }
  return { inEffect, offered }
}

/** The one that names the kernel, then the first that was published: what came later has the earlier one's fixes. */
const isBetter = (fix: NoticedFix, other: NoticedFix): boolean => {
  if (fix.isOfKernel !== other.isOfKernel) return fix.isOfKernel
  const [day, otherDay] = [fix.known.notice.publishedOn, other.known.notice.publishedOn]
  if (day !== otherDay) return day !== null && (otherDay === null || day < otherDay)
  return fix.known.notice.notice < other.known.notice.notice
}

/** Cumulative: a livepatch of the same kernel has the fixes of all with a lower number. */
const carries = (livepatch: EffectiveLivepatch, build: NoticedBuild, release: string): boolean => {
  const { known, version, branch } = build
  if (version === null || (branch !== null && !livepatch.name.startsWith(`livepatch_${branch}_`))) return false
  const has = known.notice.system === 'kpatch' ? redHatVersion(livepatch, release) : suseVersion(livepatch, known)
  if (has === null || has.length !== version.length) return false
  const index = has.findIndex((number, position) => number !== version[position])
  return index === -1 || (has[index] ?? 0) > (version[index] ?? 0)
}

/**
 * Version 1 comes with the kernel and fixes nothing. Modules are named by version and release, `livepatch_5_150600_13_6_1`; those
 * built from the sources by their branch, `livepatch_SLE15_SP6_Update_3_14`.
 */
const suseVersion = ({ name, provider, version }: EffectiveLivepatch, { notice }: KnownNotice): number[] | null => {
  if (notice.system !== 'klp' && notice.system !== 'kgraft') return null
  const byTool = (provider === 'klp' || provider === 'kgraft') && /^\d{1,6}$/.test(version ?? '') ? version : null
  const [, byName] = /^(?:livepatch|kgraft_patch)_(?:SLE\w+_Update_\d+_)?(\d{1,6})(?:(?:_\d+){2,6})?$/.exec(name) ?? []
  const number = Number(byTool ?? byName ?? 0)
  return number > 1 ? [number] : null
}

/** What follows the kernel's digits: `kpatch_5_14_0_70_13_1_1_2` on 5.14.0-70.13.1 is version 1-2. */
const redHatVersion = ({ name }: EffectiveLivepatch, release: string): number[] | null => {
  const start = `kpatch_${kernelKey(release).replaceAll(/[.-]/g, '_')}_`
  const [, version, update] = /^(\d{1,6})_(\d{1,6})$/.exec(name.startsWith(start) ? name.slice(start.length) : '') ?? []
  return version === undefined || update === undefined ? null : [Number(version), Number(update)]
}

/** Amazon has one module a CVE, `livepatch_CVE_2023_26545`: its name and a notice for this kernel together tell it. */
const isOfCve = ({ name }: EffectiveLivepatch, { known }: NoticedBuild, cve: string): boolean =>
  known.notice.system === 'amazon' && name.replaceAll('_', '-').endsWith(`-${cve}`)

/** `lkp_Ubuntu_5_4_0_150_167_generic_102`, or as the client says: 102.1. */
const canonicalVersion = ({ name, provider, version }: EffectiveLivepatch): number | null => {
  const byTool = provider === 'canonical' && version !== null ? canonicalNumber(version) : null
  return byTool ?? canonicalNumber(/^lkp_Ubuntu_[\w]+_(\d+)$/.exec(name)?.[1] ?? '')
}

const UBUNTU_NAMES: Readonly<Record<string, string>> = {
  ...{ '14.04': 'trusty', '16.04': 'xenial', '18.04': 'bionic', '20.04': 'focal', '22.04': 'jammy', '24.04': 'noble' },
  '26.04': 'resolute',
}

const coversKernel = ({ notice }: KnownNotice, { release, operatingSystem }: ExposureFacts): boolean => {
  const [, abi, series, flavour] = /^((\d+\.\d+)\.\d+-\d+)-([a-z][a-z0-9-]*)$/.exec(release) ?? []
  if (operatingSystem.id !== 'ubuntu' || abi === undefined) return false
  const name = UBUNTU_NAMES[operatingSystem.versionId ?? '']
  return notice.oldestKernels.some(
    (row) =>
      row.release === name &&
      (row.flavour === flavour || row.flavour === `${flavour}-${series}`) &&
      row.version.startsWith(`${series}.`) &&
      compareDpkgVersions(abi, row.version) >= 0,
  )
}
