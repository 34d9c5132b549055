import type { ProviderFindings } from '@rebootless/shared/domain/provider-report.ts'

type Meaning = Pick<ProviderFindings, 'access' | 'accessDetail' | 'coverage'>

/**
 * What a code says of the host's access and of its kernel; as exit codes of the tools, and as `Result: Code` in Uptrack's
 * results: the constants ERROR_* of uptrack 2011 (Uptrack.py). 1, 11, 12 and 255 say nothing of either.
 */
const CODES: Readonly<Record<number, Meaning>> = {
  0: { access: 'ok', accessDetail: null, coverage: 'supported' },
  10: { access: 'unreachable', accessDetail: 'Uptrack could not reach its server.' },
  13: { access: 'ok', accessDetail: null, coverage: 'unsupported' },
  14: { access: 'refused', accessDetail: 'The access key is not valid.' },
  15: { access: 'ok', accessDetail: 'The client is too old to install what is offered.' },
  16: { access: 'ok', accessDetail: 'The client is too old to read what is offered.' },
  17: { access: 'expired', accessDetail: 'The subscription has expired.' },
  18: { access: 'unreachable', accessDetail: "Ksplice's server had an error." },
  19: { access: 'not_registered', accessDetail: 'This machine is not activated.' },
  20: { access: 'not_registered', accessDetail: 'There is no access key.' },
}

/** An empty answer: the code says nothing. */
export const codeMeaning = (code: number | null): Meaning => (code === null ? {} : (CODES[code] ?? {}))

/** Whether the client has heard from its server then; 10: there was no network. */
export const wasAnswered = (code: number): boolean => code === 0 || (code >= 13 && code <= 19)
