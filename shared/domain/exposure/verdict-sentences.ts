import type { Verdict } from '../../contract/exposure.ts'
import type { Provenance } from '../../contract/vulnerabilities.ts'
import type { NoticedFix } from './livepatch-notices.ts'
import type { Said } from './prepared-knowledge.ts'
import type { VendorKernel } from './running-kernel.ts'
import type { UpstreamFinding } from './upstream-verdict.ts'
import type { VendorWord } from './vendor-verdict.ts'

const source = (from: Provenance | null) => ({ feed: from?.feed ?? null, document: from?.document ?? null })
const NOTHING = { by: null, fixAvailableOn: null, ...source(null) }

export const nothingKnown = (): Verdict => ({
  ...{ status: 'unknown', rule: 'nothing_known', ...NOTHING },
  why: 'No feed tells which kernels have this fault.',
})

export const rejected = (id: string, from: Provenance): Verdict => ({
  ...{ status: 'not_affected', rule: 'rejected', ...NOTHING, ...source(from) },
  why: `${id} was withdrawn by those who had assigned it.`,
})

export const livepatchTool = (livepatch: string, title: string): Verdict => ({
  ...{ status: 'fixed_by_livepatch', rule: 'livepatch_tool', ...NOTHING, by: livepatch },
  why: `${livepatch} is in effect, and ${title} says that it fixes this.`,
})

export const livepatchCatalogue = (livepatch: string): Verdict => ({
  ...{ status: 'fixed_by_livepatch', rule: 'livepatch_catalogue', ...NOTHING, by: livepatch },
  why: `${livepatch} is in effect, and the patch catalogue says that this very module, by its srcversion, fixes this.`,
})

export const otherArchitecture = (folder: string, architecture: string, from: Provenance): Verdict => ({
  ...{ status: 'not_affected', rule: 'architecture', ...NOTHING, ...source(from) },
  why: `The fix changes files below ${folder} alone, which a kernel for ${architecture} is not built from.`,
})

const ofNotice = ({ livepatch, known }: NoticedFix) => ({
  ...({ status: 'fixed_by_livepatch', rule: 'livepatch_notice', by: livepatch, ...source(known.from) } as const),
  fixAvailableOn: known.notice.publishedOn,
})

export const livepatchNotice = (fix: NoticedFix, release: string): Verdict => ({
  ...ofNotice(fix),
  why: `${fix.livepatch} is in effect, and ${fix.known.notice.notice} says that a livepatch of this version or an earlier one fixes this on ${release}.`,
})

export const livepatchNoticeAtLarge = (fix: NoticedFix, release: string): Verdict => ({
  ...ofNotice(fix),
  why: `${fix.livepatch} is in effect, and ${fix.known.notice.notice} lists this and covers ${release}; its list is of the whole notice, though, and not each kernel had each of it.`,
})

/** A vendor builds a livepatch for kernels that have the fault. */
export const livepatchLacking = ({ livepatch, known }: NoticedFix, release: string): Verdict => ({
  ...{ status: 'exposed', rule: 'livepatch_notice', by: livepatch, ...source(known.from) },
  fixAvailableOn: known.notice.publishedOn,
  why: `${known.notice.notice} has a livepatch that fixes this on ${release}, and none of that version or a later one is in effect.`,
})

/** As a sentence names who speaks: clones are judged by the data of the one whose package they build. */
const speaker = ({ vendor, rebuiltBy }: VendorKernel): string =>
  rebuiltBy === null ? vendor : `${vendor}, whose packages ${rebuiltBy} builds anew,`

const packageOf = ({ statement }: Said<'vendor'>): string => `${statement.package} of ${statement.product}`

/** What it says otherwise, where a vendor contradicts itself. */
const contradiction = ({ against }: VendorWord): string => {
  if (against === null) return ''
  const { statement, from } = against
  const says =
    statement.status === 'fixed'
      ? `fixed in ${statement.fixedVersion ?? 'a version that is not told'}`
      : statement.status.replaceAll('_', ' ')
  return ` Another statement (${from.feed}, ${from.document}) says: ${says}; the worse of the two stands.`
}

const reasonOf = ({ statement }: Said<'vendor'>): string => (statement.reason === null ? '' : `: “${statement.reason}”`)

const deciding = ({ said }: VendorWord) => {
  const fixAvailableOn = said?.statement.availableOn ?? null
  return { ...source(said?.from ?? null), fixAvailableOn, by: said?.statement.fixedVersion ?? null }
}

/** The version that runs, as a sentence names it. */
const running = (kernel: VendorKernel): string => kernel.version ?? 'a version that is not known'

export const vendorFixed = (kernel: VendorKernel, word: VendorWord): Verdict => ({
  ...{ status: 'fixed_by_kernel', rule: 'vendor_fixed_version', ...deciding(word) },
  why: `${speaker(kernel)} fixed it in ${word.said?.statement.fixedVersion} (${word.said ? packageOf(word.said) : ''}), and ${running(kernel)} runs.${contradiction(word)}`,
})

export const vendorNotAffected = (kernel: VendorKernel, word: VendorWord): Verdict => {
  const reason = word.said?.statement.reason ?? ''
  const isConfiguration = /\bCONFIG_[A-Z0-9_]+|\bnot (?:enabled|built|compiled)\b/i.test(reason)
  return {
    ...{ status: 'not_affected', rule: isConfiguration ? 'configuration' : 'vendor_not_affected', ...deciding(word) },
    ...{ by: null, fixAvailableOn: null },
    why: `${speaker(kernel)} says that ${word.said ? packageOf(word.said) : 'it'} is not affected${word.said ? reasonOf(word.said) : ''}.${contradiction(word)}`,
  }
}

export const vendorUndecided = (kernel: VendorKernel, word: VendorWord): Verdict => {
  const { said } = word
  const isVersion = said?.statement.status === 'fixed'
  const why =
    isVersion && said?.statement.fixedVersion !== null
      ? `${speaker(kernel)} fixed it in ${said?.statement.fixedVersion}, but what was read does not tell whether the running kernel is of that version.`
      : isVersion
        ? `${speaker(kernel)} says that it is fixed, and not in which version.`
        : `${speaker(kernel)} has not decided yet whether ${said ? packageOf(said) : 'it'} is affected${said ? reasonOf(said) : ''}.`
  return {
    ...{ status: 'unknown', rule: 'vendor_undecided', ...deciding(word) },
    why: `${why}${contradiction(word)}`,
  }
}

const affectedWhy = (kernel: VendorKernel, word: VendorWord): string => {
  const { said } = word
  if (said === null) return ''
  return said.statement.status === 'fixed'
    ? `${speaker(kernel)} fixed it in ${said.statement.fixedVersion} (${packageOf(said)}), and ${running(kernel)} runs.`
    : `${speaker(kernel)} says that ${packageOf(said)} is affected${reasonOf(said)}.`
}

export const vendorFixedOnDisk = (
  kernel: VendorKernel,
  word: VendorWord,
  installed: string,
  from: Provenance,
): Verdict => ({
  ...{ status: 'fixed_on_disk', rule: 'vendor_fixed_version', ...deciding(word), ...source(from), by: installed },
  why: `${affectedWhy(kernel, word)} ${installed} is installed and has it: a reboot would bring it.${contradiction(word)}`,
})

const earlier = (one: string | null, other: string | null): string | null =>
  one === null || (other !== null && other < one) ? other : one

/** @param offered a livepatch for this kernel that has the fix and is not in effect */
export const vendorAffected = (kernel: VendorKernel, word: VendorWord, offered: NoticedFix | null): Verdict => {
  const decided = deciding(word)
  const livepatch =
    offered === null
      ? ''
      : ` ${offered.known.notice.notice} has a livepatch for it, which ${offered.isLacking ? 'is not in effect here' : 'cannot be told to be in effect, as the notice gives no version'}.`
  return {
    ...{
      status: 'exposed',
      rule: word.said?.statement.status === 'fixed' ? 'vendor_fixed_version' : 'vendor_affected',
    },
    ...decided,
    by: offered?.livepatch ?? decided.by,
    fixAvailableOn:
      offered === null ? decided.fixAvailableOn : earlier(decided.fixAvailableOn, offered.known.notice.publishedOn),
    why: `${affectedWhy(kernel, word)}${livepatch}${contradiction(word)}`,
  }
}

export const effectiveKernel = (
  effective: { readonly release: string; readonly title: string },
  kernel: VendorKernel,
  said: Said<'vendor'>,
): Verdict => ({
  ...{ status: 'fixed_by_livepatch', rule: 'effective_kernel', by: effective.release, ...source(said.from) },
  fixAvailableOn: said.statement.availableOn,
  why: `${effective.title} says that this kernel has the fixes of ${effective.release}; ${speaker(kernel)} fixed it in ${said.statement.fixedVersion}.`,
})

export const vendorSilent = (kernel: VendorKernel | null, release: string): Verdict => ({
  ...{ status: 'unknown', rule: kernel === null ? 'nothing_known' : 'vendor_silent', ...NOTHING },
  why:
    kernel === null
      ? `${release} is a kernel of which no feed speaks.`
      : `${speaker(kernel)} says nothing of this fault in ${kernel.packages[0]} of this release.`,
})

const HINTS = {
  affected: 'has the fault',
  fixed: 'has the fix',
  before: 'is older than the fault',
  never: 'never had the fault in any release',
} as const

export const upstreamHint = (kernel: VendorKernel | null, release: string, found: UpstreamFinding): Verdict => ({
  ...{ status: 'unknown', rule: 'upstream_hint', ...NOTHING, ...source(found.from) },
  why: `${kernel === null ? `No vendor that is read says anything of ${release}` : `${speaker(kernel)} says nothing of this fault in ${kernel.packages[0]} of this release`}. As a hint only: upstream’s release of that number ${HINTS[found.finding]}, but distributions carry faults and fixes over.`,
})

export const upstreamSafe = (release: string, { finding, fix, from }: UpstreamFinding): Verdict => ({
  ...{ status: finding === 'fixed' ? 'fixed_by_kernel' : 'not_affected', ...NOTHING, ...source(from), by: fix },
  rule: finding === 'never' ? 'never_affected' : 'upstream_range',
  why:
    finding === 'fixed'
      ? `Upstream fixed it in ${fix}, and ${release} runs.`
      : finding === 'before'
        ? `Upstream says that the fault came later than ${release}, or not into its branch.`
        : 'Upstream says that the fault came and went within one release: none ever had it.',
})

const affectedUpstream = (release: string, fix: string | null): string =>
  fix === null
    ? `Upstream says that ${release} has the fault, and its branch has no fix.`
    : `Upstream fixed it in ${fix}, and ${release} runs.`

export const upstreamAffected = (release: string, { fix, from }: UpstreamFinding): Verdict => ({
  ...{ status: 'exposed', rule: 'upstream_range', ...NOTHING, ...source(from), by: fix },
  why: affectedUpstream(release, fix),
})

export const upstreamFixedOnDisk = (release: string, { fix, from }: UpstreamFinding, installed: string): Verdict => ({
  ...{ status: 'fixed_on_disk', rule: 'upstream_range', ...NOTHING, ...source(from), by: installed },
  why: `${affectedUpstream(release, fix)} ${installed} is installed and has it: a reboot would bring it.`,
})
