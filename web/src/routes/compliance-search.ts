import { EXPOSURES, SEVERITIES } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { PLANNED_WORDS, REBOOT_REASONS } from '@rebootless/shared/domain/reboot-debt/reboot-debt-words.ts'
import { REBOOT_ANSWERS } from '@rebootless/shared/domain/words.ts'
import { oneOf, searchOf, textUpTo } from './search-words.ts'

/** A day that has been, `2026-11-24`, or an instant of UTC, as reports link to it. */
const moment = (value: unknown): string | undefined =>
  typeof value === 'string' &&
  /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}\.\d{3}Z)?$/.test(value) &&
  !Number.isNaN(Date.parse(value))
    ? value
    : undefined

const TREND_DAYS = ['30', '90', '365'] as const
export type TrendDays = (typeof TREND_DAYS)[number]

/** What every page of compliance keeps as one goes from one to the other. */
export interface ComplianceScope {
  /** The past day or instant that is looked at; absent: now. */
  at?: string
  /** Words of the host filter. */
  filter?: string
}

const scope = { at: moment, filter: textUpTo(1000) }

export interface ComplianceSearch extends ComplianceScope {
  days?: TrendDays
  /** The trend as a picture or its table twin. */
  view?: 'picture' | 'table'
  /** What gains are held against: the monthly day, `second-tuesday`, and minutes of a boot. */
  window?: string
  boot?: string
  /** The number whose hosts are open, as the drawer writes it. */
  open?: string
}
export const complianceSearch = searchOf<ComplianceSearch>({
  ...scope,
  days: oneOf(TREND_DAYS),
  view: oneOf(['picture', 'table']),
  ...{ window: textUpTo(20), boot: textUpTo(3) },
  open: textUpTo(400),
})

export const CVE_SORT_WORDS = ['severity', 'exposed', 'published', 'epss', 'id'] as const
export interface CveListSearch extends ComplianceScope {
  /** A part of the id or of the title. */
  find?: string
  severity?: (typeof SEVERITIES)[number]
  status?: (typeof EXPOSURES)[number]
  exploited?: 'yes'
  sort?: (typeof CVE_SORT_WORDS)[number]
}
export const cveListSearch = searchOf<CveListSearch>({
  ...scope,
  find: textUpTo(100),
  severity: oneOf(SEVERITIES),
  status: oneOf(EXPOSURES),
  exploited: oneOf(['yes']),
  sort: oneOf(CVE_SORT_WORDS),
})

export interface CveSearch extends ComplianceScope {
  status?: (typeof EXPOSURES)[number]
  /** Days of host-hours; absent: from disclosure. */
  days?: TrendDays
  /** Host-hours as a picture or its table twin. */
  view?: 'picture' | 'table'
}
export const cveSearch = searchOf<CveSearch>({
  ...scope,
  status: oneOf(EXPOSURES),
  days: oneOf(TREND_DAYS),
  view: oneOf(['picture', 'table']),
})

export const scopeSearch = searchOf<ComplianceScope>(scope)

const EXCEPTIONS_SHOWN = ['open', 'ended', 'expired', 'declined'] as const
export interface ExceptionsSearch {
  state?: (typeof EXCEPTIONS_SHOWN)[number]
  /** Which is open, by id, or `new`. */
  exception?: string
  /** What a new one is for. */
  cve?: string
  hosts?: string
}
export const exceptionsSearch = searchOf<ExceptionsSearch>({
  state: oneOf(EXCEPTIONS_SHOWN),
  exception: textUpTo(40),
  cve: textUpTo(40),
  hosts: textUpTo(1000),
})

const day = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined
const month = (value: unknown): string | undefined =>
  typeof value === 'string' && /^20\d{2}-(0[1-9]|1[0-2])$/.test(value) ? value : undefined

export interface RebootsSearch {
  /** Words of the host filter. */
  filter?: string
  reason?: (typeof REBOOT_REASONS)[number]
  answer?: (typeof REBOOT_ANSWERS)[number]
  plan?: (typeof PLANNED_WORDS)[number]
  /** Hosts planned for that day, `2026-11-27`. */
  day?: string
  /** The month that the calendar shows, `2026-11`; absent: the present one. */
  month?: string
  /** The calendar as a month or as its table. */
  view?: 'month' | 'table'
}
export const rebootsSearch = searchOf<RebootsSearch>({
  filter: textUpTo(1000),
  reason: oneOf(REBOOT_REASONS),
  answer: oneOf(REBOOT_ANSWERS),
  plan: oneOf(PLANNED_WORDS),
  ...{ day, month },
  view: oneOf(['month', 'table']),
})

export interface ReportsSearch {
  /** The report that is open, or `new`. */
  report?: string
}
export const reportsSearch = searchOf<ReportsSearch>({ report: textUpTo(36) })
