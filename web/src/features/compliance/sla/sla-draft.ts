import type { SlaOverride, SlaSpec } from '@rebootless/shared/contract/compliance-policy.ts'
import { WEEKDAYS, type Weekday } from '@rebootless/shared/domain/compliance/compliance-words.ts'
import { parseComplianceFilter } from '@rebootless/shared/domain/compliance/host-filter.ts'
import { SEVERITIES, type Severity } from '@rebootless/shared/domain/exposure/exposure-words.ts'

/** Days as they are typed; empty: due never. */
export interface DaysDraft {
  readonly days: Readonly<Record<Severity, string>>
  readonly knownExploitedDays: string
}

export interface OverrideDraft extends DaysDraft {
  readonly key: number
  readonly name: string
  readonly hosts: string
}

/** A policy while it is being written: numbers and days are text until they are right. */
export interface SlaDraft extends DaysDraft, Pick<SlaSpec, 'clock' | 'notBeforeSeen' | 'unknown' | 'supported'> {
  readonly timeZone: string
  readonly count: SlaSpec['calendar']['count']
  readonly workingDays: readonly Weekday[]
  readonly holidays: string
  readonly overrides: readonly OverrideDraft[]
}

const typed = (days: number | null): string => (days === null ? '' : String(days))

const typedDays = ({ days, knownExploitedDays }: Pick<SlaSpec, 'days' | 'knownExploitedDays'>): DaysDraft => ({
  days: {
    ...{ critical: typed(days.critical), high: typed(days.high), medium: typed(days.medium) },
    ...{ low: typed(days.low), unknown: typed(days.unknown) },
  },
  knownExploitedDays: typed(knownExploitedDays),
})

export const draftOf = (spec: SlaSpec): SlaDraft => ({
  ...typedDays(spec),
  ...{ clock: spec.clock, notBeforeSeen: spec.notBeforeSeen, unknown: spec.unknown, supported: spec.supported },
  ...{ timeZone: spec.calendar.timeZone, count: spec.calendar.count, workingDays: spec.calendar.workingDays },
  holidays: spec.calendar.holidays.join('\n'),
  overrides: spec.overrides.map((one, key) => ({ ...typedDays(one), key, name: one.name, hosts: one.hosts })),
})

export const emptyOverride = (key: number, { days, knownExploitedDays }: DaysDraft): OverrideDraft => ({
  ...{ key, days, knownExploitedDays, name: '', hosts: '' },
})

const DAYS_MAX = 3650
const number = (text: string): number | null => (text.trim() === '' ? null : Number(text))
const isDays = (text: string): boolean => /^\s*\d{0,4}\s*$/.test(text) && (number(text) ?? 0) <= DAYS_MAX

const writtenDays = ({ days, knownExploitedDays }: DaysDraft): Pick<SlaOverride, 'days' | 'knownExploitedDays'> => ({
  days: {
    ...{ critical: number(days.critical), high: number(days.high), medium: number(days.medium) },
    ...{ low: number(days.low), unknown: number(days.unknown) },
  },
  knownExploitedDays: number(knownExploitedDays),
})

const holidaysOf = (text: string): string[] => text.split(/[\s,]+/).filter((one) => one !== '')
const isDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))

const isTimeZone = (timeZone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone })
    return timeZone !== ''
  } catch {
    return false
  }
}

const daysMistake = (draft: DaysDraft): string | null =>
  [...SEVERITIES.map((severity) => draft.days[severity]), draft.knownExploitedDays].every(isDays)
    ? null
    : `Days are whole numbers up to ${DAYS_MAX}, or empty.`

/** What is not right yet, by the field's name; nothing: it can be set. */
export const mistakesOf = (draft: SlaDraft): Readonly<Record<string, string>> => {
  const days = daysMistake(draft)
  const wrongDay = holidaysOf(draft.holidays).find((one) => !isDay(one))
  const overrides = draft.overrides.flatMap((one): [string, string][] => {
    const parsed = parseComplianceFilter(one.hosts)
    const wrong = daysMistake(one)
    return [
      ...(one.name.trim() === '' ? ([[`name ${one.key}`, 'Give it a name.']] as [string, string][]) : []),
      ...(one.hosts.trim() === ''
        ? ([[`hosts ${one.key}`, 'Say which hosts: label.env:prod.']] as [string, string][])
        : parsed.ok
          ? []
          : ([[`hosts ${one.key}`, parsed.detail]] as [string, string][])),
      ...(wrong === null ? [] : ([[`days ${one.key}`, wrong]] as [string, string][])),
    ]
  })
  return Object.fromEntries([
    ...(days === null ? [] : [['days', days]]),
    ...(isTimeZone(draft.timeZone.trim()) ? [] : [['timeZone', 'Write a time zone: UTC, or Europe/Berlin.']]),
    ...(draft.workingDays.length === 0 ? [['workingDays', 'One day at least must be worked on.']] : []),
    ...(wrongDay === undefined ? [] : [['holidays', `“${wrongDay}” is no day: write 2026-12-25.`]]),
    ...overrides,
  ])
}

/** The policy that a draft without mistakes stands for. */
export const specOf = (draft: SlaDraft): SlaSpec => ({
  ...writtenDays(draft),
  ...{ clock: draft.clock, notBeforeSeen: draft.notBeforeSeen, unknown: draft.unknown, supported: draft.supported },
  calendar: {
    ...{ timeZone: draft.timeZone.trim(), count: draft.count },
    workingDays: WEEKDAYS.filter((day) => draft.workingDays.includes(day)),
    holidays: [...new Set(holidaysOf(draft.holidays))].sort(),
  },
  overrides: draft.overrides.map((one) => ({
    ...{ name: one.name.trim(), hosts: one.hosts.trim() },
    ...writtenDays(one),
  })),
})
