import {
  CAPABILITIES,
  type Capability,
  type ProviderDeclaration,
} from '@rebootless/shared/domain/provider-declarations.ts'
import { PATCH_STATE_WORDS, type StateWords } from '@rebootless/shared/domain/state-words.ts'
import type {
  AccessState,
  Coverage,
  HostState,
  PatchLifeState,
  ProviderPatchState,
} from '@rebootless/shared/domain/words.ts'

/** A fact in words, with what it means; `wrong` is what a person has to mend. */
export interface FactWords {
  readonly word: string
  readonly about: string
  readonly weight: 'fine' | 'wrong' | 'unknown'
}

export const COVERAGE_WORDS: Readonly<Record<Coverage, FactWords>> = {
  supported: { word: 'supported', about: 'the vendor makes patches for this kernel', weight: 'fine' },
  unsupported: { word: 'not supported', about: 'the vendor makes no patches for this kernel', weight: 'wrong' },
  upgrade_required: {
    word: 'upgrade required',
    about: 'further patches come for a newer kernel only',
    weight: 'wrong',
  },
  end_of_life: { word: 'ended', about: 'no more patches come for this kernel', weight: 'wrong' },
  unknown: { word: 'not known', about: 'the tool does not say', weight: 'unknown' },
}

export const ACCESS_WORDS: Readonly<Record<AccessState, FactWords>> = {
  ok: { word: 'may fetch patches', about: 'its subscription or key holds', weight: 'fine' },
  not_registered: { word: 'not registered', about: 'this host has no key or subscription', weight: 'wrong' },
  expired: { word: 'expired', about: 'the subscription has ended', weight: 'wrong' },
  refused: { word: 'refused', about: 'the vendor does not let this host fetch patches', weight: 'wrong' },
  disabled: { word: 'switched off', about: 'somebody has switched it off on this host', weight: 'wrong' },
  unreachable: { word: 'vendor not reached', about: 'the tool could not ask its vendor', weight: 'wrong' },
  unknown: { word: 'not known', about: 'the tool does not say', weight: 'unknown' },
}

export const inUseWords = (active: boolean | null): string =>
  active === null ? 'not known whether in use' : active ? 'in use' : 'not in use'

interface PatchWords extends StateWords {
  readonly glyph: HostState | PatchLifeState
}

/** What a tool says of a patch, in the words of livepatches where they fit. */
export const PROVIDER_PATCH_WORDS: Readonly<Record<ProviderPatchState, PatchWords>> = {
  patching: { ...PATCH_STATE_WORDS.patching, glyph: 'patching' },
  applied: { ...PATCH_STATE_WORDS.applied, meaning: 'The tool says that it is in effect.', glyph: 'applied' },
  unpatching: { ...PATCH_STATE_WORDS.unpatching, glyph: 'unpatching' },
  disabled: { ...PATCH_STATE_WORDS.disabled, glyph: 'disabled' },
  superseded: { ...PATCH_STATE_WORDS.superseded, glyph: 'superseded' },
  failed: {
    word: 'Failed',
    meaning: 'The tool could not apply it.',
    shape: 'octagon',
    tone: 'danger',
    glyph: 'failed',
  },
  not_loaded: {
    ...{ word: 'Not loaded', meaning: 'It is installed on disk for this kernel, but not in it now.' },
    ...{ shape: 'circle', tone: 'none', glyph: 'disabled' },
  },
  unknown: {
    ...PATCH_STATE_WORDS.unknown,
    meaning: 'The tool did not say, or in words that are not known.',
    glyph: 'unknown',
  },
}

export interface Withheld {
  readonly what: string
  readonly note: string
}

/** What a system never tells, and what it tells only at times or by a detour. */
export const withheldBy = (declaration: ProviderDeclaration): { never: Withheld[]; atTimes: Withheld[] } => {
  const never: Withheld[] = []
  const atTimes: Withheld[] = []
  for (const [capability, what] of Object.entries(CAPABILITIES) as [Capability, string][]) {
    const reveals = declaration[capability]
    if (reveals.by === 'nothing') never.push({ what, note: reveals.note })
    else if (reveals.note) atTimes.push({ what, note: reveals.note })
  }
  return { never, atTimes }
}
