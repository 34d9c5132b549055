import type { ExceptionSubject } from '../../contract/compliance-policy.ts'
import type { Severity } from '../exposure/exposure-words.ts'
import type { ExceptionState } from './compliance-words.ts'
import { type ComplianceWord, type FilteredHost, matchesHost, parseComplianceFilter } from './host-filter.ts'

/** Milliseconds since 1970. */
interface ExceptionTimes {
  readonly until: number
  readonly approvedAt: number | null
  readonly endedAt: number | null
}

export const EXCEPTION_DAYS_MAX = 366

/** How it stood at a moment, whatever happened later. */
export const exceptionState = ({ until, approvedAt, endedAt }: ExceptionTimes, at: number): ExceptionState => {
  const approved = approvedAt !== null && approvedAt <= at
  const ended = endedAt !== null && endedAt <= at
  if (ended && endedAt < until) return approved ? 'ended' : 'declined'
  if (until <= at) return 'expired'
  return approved ? 'in_effect' : 'requested'
}

/** An exception that is in effect, with its filter read once. */
export interface ExceptionInEffect {
  readonly id: string
  readonly subject: ExceptionSubject
  readonly words: readonly ComplianceWord[]
  readonly until: number
}

/** Those of them that are in effect at a moment. A filter that cannot be read accepts nothing. */
export const exceptionsInEffect = (
  all: readonly (ExceptionTimes & {
    readonly id: string
    readonly subject: ExceptionSubject
    readonly hosts: string
  })[],
  at: number,
): ExceptionInEffect[] =>
  all.flatMap((one) => {
    if (exceptionState(one, at) !== 'in_effect') return []
    const parsed = parseComplianceFilter(one.hosts)
    return parsed.ok ? [{ id: one.id, subject: one.subject, words: parsed.words, until: one.until }] : []
  })

export const holdsHost = ({ words }: ExceptionInEffect, host: FilteredHost): boolean => matchesHost(words, host)

export const holdsCve = (
  { subject }: ExceptionInEffect,
  cve: { readonly id: string; readonly severity: Severity },
): boolean => (subject.kind === 'cve' ? subject.cveId === cve.id : subject.severity === cve.severity)

/** The exception that accepts a CVE on a host, of several the one that lasts longest; undefined: none does. */
export const acceptedBy = (
  exceptions: readonly ExceptionInEffect[],
  cve: { readonly id: string; readonly severity: Severity },
  host: FilteredHost,
): ExceptionInEffect | undefined =>
  exceptions
    .filter((one) => holdsCve(one, cve) && holdsHost(one, host))
    .reduce<ExceptionInEffect | undefined>(
      (last, one) => (last === undefined || one.until > last.until ? one : last),
      undefined,
    )
