import type { RebootReason } from './reboot-debt-words.ts'

/** What each reason is called on screen, in a sentence, and what it means. */
export const REASON_WORDS: Readonly<
  Record<RebootReason, { readonly word: string; readonly sentence: string; readonly meaning: string }>
> = {
  forced: {
    word: 'Forced',
    sentence: 'since a transition was forced',
    meaning: 'A transition was forced since the last boot; only a boot makes the host sure again.',
  },
  coverage_ended: {
    word: 'Coverage ended',
    sentence: 'since live patches for its kernel have ended',
    meaning: 'No more live patches come for the kernel that runs.',
  },
  cve_on_disk: {
    word: 'CVE fixed on disk',
    sentence: 'for a CVE that an installed kernel fixes',
    meaning: 'A CVE is open, and a kernel that is installed and does not run has the fix.',
  },
  cve_without_livepatch: {
    word: 'CVE without livepatch',
    sentence: 'for a CVE that no livepatch fixes',
    meaning: 'A CVE is open that a newer kernel fixes, and no livepatch is published for the one that runs.',
  },
  tool_says: {
    word: 'Tool asks',
    sentence: 'since its tool asks for it',
    meaning: 'The vendor’s live patching tool says that a reboot is needed, or that one waits.',
  },
  distribution_asks: {
    word: 'Distribution asks',
    sentence: 'since its distribution asks for it',
    meaning: 'The distribution’s own mark says that a reboot is required.',
  },
  newer_kernel: {
    word: 'Newer kernel',
    sentence: 'for a newer kernel that is installed',
    meaning: 'A newer kernel is installed and starts with the next boot.',
  },
  stack_grown: {
    word: 'Stack grown',
    sentence: 'for a grown stack of livepatches',
    meaning: 'Five or more livepatches stand on each other, none of which replaces the others.',
  },
  module_pinned: {
    word: 'Module pinned',
    sentence: 'for a module that is pinned',
    meaning: 'A livepatch module stays in memory that only a boot takes out.',
  },
}
