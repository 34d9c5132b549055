import type { ExposureRule } from '@rebootless/shared/domain/exposure/exposure-words.ts'

/** By which rule a verdict was reached, in a few words; its sentence says the rest. */
export const RULE_WORDS: Readonly<Record<ExposureRule, string>> = {
  livepatch_notice: 'vendors’ notices of livepatches for this kernel, and which are in effect',
  livepatch_tool: 'the host’s own tool says that a livepatch in effect fixes it',
  livepatch_catalogue: 'the catalogue says that a livepatch in effect fixes it',
  effective_kernel: 'the provider says up to which release the running kernel has the fixes',
  vendor_fixed_version: 'the vendor’s first fixed version, compared with the one that runs',
  vendor_affected: 'the vendor says that it is affected, and names no fix',
  vendor_not_affected: 'the vendor says that it is not affected',
  vendor_undecided: 'the vendor is still looking into it',
  vendor_silent: 'the vendor says nothing of this product',
  upstream_range: 'upstream’s ranges of releases',
  upstream_hint: 'upstream’s ranges, which tell little of a vendor’s kernel',
  never_affected: 'the fault came after this kernel',
  configuration: 'how this kernel was configured',
  architecture: 'the host’s architecture',
  rejected: 'the record was withdrawn',
  nothing_known: 'no feed says anything that would tell',
}
