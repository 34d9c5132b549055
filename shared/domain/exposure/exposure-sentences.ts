import type { Doubt, ExposureRule } from './exposure-words.ts'

/** Rules as pages name them, in the order in which they are asked, and what each says. */
export const EXPOSURE_RULE_WORDS: Readonly<Record<ExposureRule, { readonly word: string; readonly meaning: string }>> =
  {
    rejected: {
      word: 'Withdrawn',
      meaning: 'The CVE was withdrawn by those who had assigned it. The finding closes, its history stays.',
    },
    livepatch_tool: {
      word: 'Livepatch, by its tool',
      meaning: 'A livepatch is in effect whose own tool says that it fixes the CVE.',
    },
    livepatch_catalogue: {
      word: 'Livepatch, by the catalogue',
      meaning: 'A livepatch is in effect of which the patch catalogue, by its srcversion, says that it fixes the CVE.',
    },
    livepatch_notice: {
      word: 'Livepatch, by its vendor’s notice',
      meaning: 'A livepatch is in effect whose version its vendor’s notice names, or a later one for the same kernel.',
    },
    architecture: {
      word: 'Architecture',
      meaning: 'The fix changes files of another architecture alone.',
    },
    vendor_fixed_version: {
      word: 'Vendor’s fixed version',
      meaning: 'The vendor names the first version of the package with the fix; the running one is compared with it.',
    },
    vendor_affected: {
      word: 'Vendor: affected',
      meaning: 'The vendor says that the package is affected and names no version with a fix.',
    },
    vendor_not_affected: {
      word: 'Vendor: not affected',
      meaning: 'The vendor says that the package is not affected.',
    },
    configuration: {
      word: 'Configuration',
      meaning: 'The vendor says that its kernel is built without the code.',
    },
    vendor_undecided: {
      word: 'Vendor: undecided',
      meaning: 'The vendor still looks into it, or the running package’s version is not known.',
    },
    effective_kernel: {
      word: 'Effective kernel',
      meaning: 'By its tool the kernel has the fixes of a later release, and the vendor fixed the CVE by that one.',
    },
    upstream_range: {
      word: 'Upstream’s ranges',
      meaning: 'An upstream kernel, judged by the ranges of releases of the kernel’s own CNA.',
    },
    never_affected: {
      word: 'Never in a release',
      meaning: 'The fault came and went within one upstream release.',
    },
    vendor_silent: {
      word: 'Vendor: silent',
      meaning: 'No feed has a word of the vendor on such a kernel.',
    },
    upstream_hint: {
      word: 'Upstream’s ranges, as a hint',
      meaning: 'The vendor is silent, and upstream’s ranges say nothing sure of a distribution’s kernel.',
    },
    nothing_known: {
      word: 'Nothing known',
      meaning: 'No feed tells which kernels have the fault, or whose kernel this is.',
    },
  }

/** What lowers the certainty, in few words; each host has a sentence of its own besides. */
export const DOUBT_WORDS: Readonly<Record<Doubt, { readonly word: string; readonly meaning: string }>> = {
  offline: { word: 'Offline', meaning: 'The agent is not connected: this is what it read last.' },
  stale: { word: 'Stale', meaning: 'The agent is silent: this is what it read last.' },
  forced: { word: 'Forced', meaning: 'A transition was forced, so a task may still run the code without the fix.' },
  drifted: { word: 'Drifted', meaning: 'A livepatch was disabled, or ftrace does not redirect what it should.' },
  in_transition: { word: 'In transition', meaning: 'A livepatch comes or goes; it counts only while it is in effect.' },
  disagreement: { word: 'Disagreement', meaning: 'A tool and the kernel’s own files cannot both be right.' },
  unread: { word: 'Not all read', meaning: 'Something that may hold a fix could not be read.' },
}
