import type { StateWords } from '../state-words.ts'
import type { Exposure, Severity } from './exposure-words.ts'

/** What a CVE is to a host, as screens call it; the shape says the family, as for a host's state. */
export const EXPOSURE_STATE_WORDS: Readonly<Record<Exposure, StateWords>> = {
  exposed: {
    word: 'Exposed',
    meaning: 'Code without the fix runs, or can run.',
    shape: 'diamond',
    tone: 'old',
  },
  unknown: {
    word: 'Not known',
    meaning: 'Nothing that was read tells whether this host is affected. It does not count as safe.',
    shape: 'circle',
    tone: 'none',
  },
  accepted: {
    word: 'Accepted',
    meaning: 'It is exposed, and somebody took the responsibility for it until a date.',
    shape: 'diamond',
    tone: 'none',
  },
  fixed_on_disk: {
    word: 'Fixed on disk',
    meaning: 'A kernel with the fix is installed and does not run: a reboot would bring it.',
    shape: 'diamond',
    tone: 'old',
  },
  fixed_by_livepatch: {
    word: 'Fixed by livepatch',
    meaning: 'A livepatch in effect has the fix.',
    shape: 'square',
    tone: 'new',
  },
  fixed_by_kernel: {
    word: 'Fixed by kernel',
    meaning: 'The kernel that runs has the fix.',
    shape: 'square',
    tone: 'new',
  },
  not_affected: {
    word: 'Not affected',
    meaning: 'The fault is not in this kernel, or cannot be reached in it.',
    shape: 'circle',
    tone: 'none',
  },
}

/** CVSS v3.1, section 5, "Qualitative Severity Rating Scale". */
export const SEVERITY_WORDS: Readonly<Record<Severity, { readonly word: string; readonly bars: 0 | 1 | 2 | 3 | 4 }>> = {
  critical: { word: 'critical', bars: 4 },
  high: { word: 'high', bars: 3 },
  medium: { word: 'medium', bars: 2 },
  low: { word: 'low', bars: 1 },
  unknown: { word: 'not scored', bars: 0 },
}
