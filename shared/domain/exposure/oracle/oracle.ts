import type { ExposureFacts } from '../../../contract/exposure.ts'
import type { CveStatement, CveStatementOf, LivepatchNotice } from '../../../contract/vulnerabilities.ts'
import type { VerdictStatus } from '../exposure-words.ts'
import { isReached, type VersionRule } from './plain-versions.ts'

/**
 * The rules of docs/exposure.md once more, as plainly as they can be written and with nothing of the judge in it. It is not told by
 * `uname` whose kernel a host runs: who made the host says so.
 */
export interface GeneratedHost {
  readonly facts: ExposureFacts
  /** Groups of products of which the first with any word decides; packages likewise. null: no vendor's kernel. */
  readonly vendor: (GeneratedPackage & { readonly groups: readonly (readonly string[])[] }) | null
  /** `6.6.20` of a kernel that upstream released. */
  readonly upstream: string | null
  /** Kernels of the same kind that wait on disk. */
  readonly installed: readonly GeneratedPackage[]
  readonly installedUpstream: readonly string[]
  readonly effective: string | null
  /** As notices may name the kernel. */
  readonly noticeKernels: readonly string[]
  readonly livepatches: readonly GeneratedLivepatch[]
  /** Ubuntu's: where Canonical's notices would list it. */
  readonly canonical: { readonly release: string; readonly flavours: readonly string[]; readonly abi: string } | null
}

export interface GeneratedPackage {
  readonly packages: readonly string[]
  readonly version: string | null
  readonly rule: VersionRule
}

export interface GeneratedLivepatch {
  readonly system: 'suse' | 'kpatch' | 'canonical' | 'amazon' | 'other'
  /** SUSE's and Canonical's number; of Red Hat's the second of its two, the first being 1. */
  readonly number: number
  /** Of SUSE's sources, where the module is named by it: `SLE15-SP6_Update_3`. */
  readonly branch: string | null
  /** Amazon's. */
  readonly cve: string | null
  readonly cves: readonly string[]
}

type Vendor = CveStatementOf<'vendor'>

export const oracleStatus = (
  host: GeneratedHost,
  cve: string,
  statements: readonly CveStatement[],
  /** Those that list the CVE. */
  notices: readonly LivepatchNotice[],
): VerdictStatus => {
  // 1. Withdrawn.
  for (const statement of statements) if (statement.kind === 'record' && statement.rejected) return 'not_affected'

  // 2. A livepatch in effect of which tool, catalogue or a notice for this kernel says that it fixes it.
  for (const livepatch of host.livepatches) if (livepatch.cves.includes(cve)) return 'fixed_by_livepatch'
  for (const notice of notices)
    for (const livepatch of host.livepatches)
      if (noticeProves(notice, livepatch, host, cve)) return 'fixed_by_livepatch'

  // 3. All that is fixed is built for other architectures.
  if (isForOthers(statements, host.facts.architecture)) return 'not_affected'

  // 4. The running kernel, where it is safe.
  const own = ofKernel(host, statements)
  if (own === 'fixed_by_kernel' || own === 'not_affected') return own

  // 5. The release whose fixes it has by its tool.
  if (host.effective !== null && host.vendor !== null) {
    const effective = { ...host.vendor, version: host.effective }
    if (ofPackage(effective, host.vendor.groups, statements) === 'fixed_by_kernel') return 'fixed_by_livepatch'
  }

  // 6. A notice of Canonical's that covers the kernel.
  for (const notice of notices)
    for (const livepatch of host.livepatches)
      if (livepatch.system === 'canonical' && covers(notice, host) && livepatch.number >= Number(notice.moduleVersion))
        return 'fixed_by_livepatch'

  // 7. What is on disk.
  if (own === 'exposed') {
    for (const release of host.installedUpstream)
      if (host.upstream !== null && ofRelease(release, statements) === 'fixed_by_kernel') return 'fixed_on_disk'
    for (const kernel of host.installed)
      if (host.vendor !== null && ofPackage(kernel, host.vendor.groups, statements) === 'fixed_by_kernel')
        return 'fixed_on_disk'
    return 'exposed'
  }
  if (own === 'unknown') return 'unknown'

  // 8. Nobody says anything of the kernel. Its vendor's livepatch for it tells that it has the fault.
  if (host.upstream === null) for (const notice of notices) if (tellsOfFault(notice, host)) return 'exposed'
  return 'unknown'
}

/** null: nobody says anything of such a kernel. */
const ofKernel = (host: GeneratedHost, statements: readonly CveStatement[]): VerdictStatus | null => {
  if (host.upstream !== null) return ofRelease(host.upstream, statements)
  return host.vendor === null ? null : ofPackage(host.vendor, host.vendor.groups, statements)
}

const ofPackage = (
  kernel: GeneratedPackage,
  groups: readonly (readonly string[])[],
  statements: readonly CveStatement[],
): VerdictStatus | null => {
  for (const group of groups) {
    for (const name of kernel.packages) {
      const said: Vendor[] = []
      for (const statement of statements)
        if (statement.kind === 'vendor' && statement.package === name && group.includes(statement.product))
          said.push(statement)
      if (said.length > 0) return worstOf(kernel, said)
    }
  }
  return null
}

const worstOf = (kernel: GeneratedPackage, said: readonly Vendor[]): VerdictStatus => {
  const each = said.map((statement) => ({ statement, status: ofStatement(kernel, statement) }))
  const productsWithFix = each
    .filter(({ status }) => status === 'fixed_by_kernel')
    .map(({ statement }) => statement.product)
  const heard = each.filter(({ statement }) => {
    const isEndOfSupport = statement.fixedVersion === null && !productsWithFix.includes(statement.product)
    return productsWithFix.length === 0 || !isEndOfSupport
  })
  for (const worst of ['exposed', 'unknown', 'fixed_by_kernel'] as const)
    if (heard.some(({ status }) => status === worst)) return worst
  return 'not_affected'
}

const ofStatement = (kernel: GeneratedPackage, { status, fixedVersion }: Vendor): VerdictStatus => {
  if (status === 'affected') return 'exposed'
  if (status === 'not_affected') return 'not_affected'
  if (status === 'under_investigation' || fixedVersion === null || kernel.version === null) return 'unknown'
  const reached = isReached(kernel.version, fixedVersion, kernel.rule)
  return reached === null ? 'unknown' : reached ? 'fixed_by_kernel' : 'exposed'
}

/** Mainline releases in the order in which they came. */
const MAINLINE = [
  ...Array.from({ length: 40 }, (_, minor) => `2.6.${minor}`),
  ...[20, 21, 20, 20, 20].flatMap((count, index) =>
    Array.from({ length: count }, (_, minor) => `${index + 3}.${minor}`),
  ),
]

/** The history of one release is lived through, version by version: faults come and go as the pairs say. */
const ofRelease = (release: string, statements: readonly CveStatement[]): VerdictStatus | null => {
  const pairs = statements.flatMap((statement) => (statement.kind === 'upstream_pairs' ? statement.pairs : []))
  if (pairs.length === 0) return null
  if (pairs.every(({ introduced, fixed }) => introduced === fixed && fixed !== null)) return 'not_affected'
  let broken = pairs.some(({ introduced }) => introduced === null)
  let everBroken = broken
  for (const version of historyOf(release)) {
    if (pairs.some(({ introduced }) => introduced === version)) [broken, everBroken] = [true, true]
    if (pairs.some(({ fixed }) => fixed === version)) broken = false
  }
  if (broken) return 'exposed'
  return everBroken ? 'fixed_by_kernel' : 'not_affected'
}

const histories = new Map<string, string[]>()

const historyOf = (release: string): string[] => {
  const known = histories.get(release)
  if (known !== undefined) return known
  const [major = '', minor = '', update = '0'] = release.split('.')
  const branch = `${major}.${minor}`
  const updates = Array.from({ length: Number(update) }, (_, index) => `${branch}.${index + 1}`)
  const history = [...MAINLINE.slice(0, MAINLINE.indexOf(branch) + 1), ...updates]
  histories.set(release, history)
  return history
}

const isForOthers = (statements: readonly CveStatement[], architecture: string): boolean => {
  const files = statements.flatMap((statement) => (statement.kind === 'record' ? statement.files : []))
  const mine: Record<string, string[]> = {
    ...{
      x86_64: ['arch/x86/'],
      aarch64: ['arch/arm64/', 'arch/arm/'],
      s390x: ['arch/s390/'],
      ppc64le: ['arch/powerpc/'],
    },
  }
  const others = (file: string) =>
    file.startsWith('arch/') &&
    file.split('/').length > 2 &&
    !mine[architecture]?.some((folder) => file.startsWith(folder))
  return files.length > 0 && files.every(others)
}

const suseNumber = (name: string): number | null => {
  const parts = name.split('-')
  const number = Number(parts.at(-2))
  return (name.startsWith('kernel-livepatch-') || name.startsWith('kgraft-patch-')) && parts.length === 7
    ? number
    : null
}

/** Whether one of SUSE's packages is for a kernel: its name has dots as underscores. */
const suseNumbersFor = (notice: LivepatchNotice, kernel: string): number[] => {
  const middle = `-${kernel.split('.').join('_')}-`
  return notice.packages
    .filter((name) => name.includes(middle))
    .map(suseNumber)
    .filter((number) => number !== null)
}

/** SUSE's sources: one branch, one version. Of several kernels it counts for those whose module names the branch. */
const branchNumber = (notice: LivepatchNotice, kernel: string, branch: string | null): number | null => {
  if (notice.packages.length > 0 || !notice.kernels.includes(kernel)) return null
  if (notice.kernels.length > 1 && (branch === null || !notice.notice.startsWith(`${branch} `))) return null
  const [, number] = notice.notice.split(' version ')
  return number === undefined ? null : Number(number)
}

const noticeProves = (
  notice: LivepatchNotice,
  livepatch: GeneratedLivepatch,
  host: GeneratedHost,
  cve: string,
): boolean => {
  for (const kernel of host.noticeKernels) {
    if (livepatch.system === 'suse' && livepatch.number > 1) {
      if (suseNumbersFor(notice, kernel).some((number) => number <= livepatch.number)) return true
      const number = branchNumber(notice, kernel, livepatch.branch)
      if (number !== null && number <= livepatch.number) return true
    }
    if (livepatch.system === 'amazon' && notice.system === 'amazon' && notice.kernels.includes(kernel))
      if (livepatch.cve === cve) return true
  }
  return false
}

const tellsOfFault = (notice: LivepatchNotice, host: GeneratedHost): boolean =>
  host.noticeKernels.some((kernel) => {
    const isVersioned = suseNumbersFor(notice, kernel).length > 0 || branchNumber(notice, kernel, null) !== null
    if (isVersioned) return true
    const isNamed = notice.kernels.includes(kernel) && notice.packages.every((name) => suseNumber(name) === null)
    return isNamed && host.livepatches.length === 0
  })

const covers = (notice: LivepatchNotice, { canonical }: GeneratedHost): boolean =>
  notice.system === 'canonical' &&
  canonical !== null &&
  notice.oldestKernels.some(
    ({ release, flavour, version }) =>
      release === canonical.release &&
      canonical.flavours.includes(flavour) &&
      version.split('.').slice(0, 2).join('.') === canonical.abi.split('.').slice(0, 2).join('.') &&
      Number(canonical.abi.split('-')[1]) >= Number(version.split('-')[1]),
  )
