import { parseComplianceFilter } from '@rebootless/shared/domain/compliance/host-filter.ts'
import { FILTER_KEYS } from '@rebootless/shared/domain/filter.ts'
import type { FilterLanguage } from '../../shell/filter-bar.tsx'
import { momentOf } from './day.ts'

/** Which hosts are meant, and which day: as the address has them. */
export interface Scope {
  /** A past day or instant; undefined: now. */
  readonly at: string | undefined
  readonly filter: string
}

/** As the API takes them: a past day is told as it ended. */
export const askedOf = ({ at, filter }: Scope): { at?: string; filter?: string } => ({
  ...(at === undefined ? {} : { at: momentOf(at) }),
  ...(filter === '' ? {} : { filter }),
})

/** As an address has them. */
export const scopeInAddress = ({ at, filter }: Scope): { at?: string; filter?: string } => ({
  ...(at === undefined ? {} : { at }),
  ...(filter === '' ? {} : { filter }),
})

/** The words of which past moments can be told too. */
export const COMPLIANCE_LANGUAGE: FilterLanguage = {
  subject: 'hosts',
  keys: {
    ...{ name: FILTER_KEYS.name, label: FILTER_KEYS.label, kernel: FILTER_KEYS.kernel },
    ...{ arch: FILTER_KEYS.arch, origin: FILTER_KEYS.origin },
  },
  parse: (text) => {
    const parsed = parseComplianceFilter(text)
    return parsed.ok
      ? { ok: true, words: [...parsed.words] }
      : { ok: false, error: { detail: parsed.detail, from: 0, to: text.length } }
  },
}
