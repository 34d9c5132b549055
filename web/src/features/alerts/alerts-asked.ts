import type { AlertRuleId, AlertSeverity } from '@rebootless/shared/domain/alerts/alert-words.ts'

/** Which alerts are looked at; what is absent does not narrow them. */
export interface AlertsAsked {
  /** Absent: those that have fired and are not over. */
  readonly status?: 'silenced' | 'pending' | 'resolved'
  readonly severity?: AlertSeverity
  readonly rule?: AlertRuleId
  /** Whether somebody has acknowledged it. */
  readonly taken?: 'yes' | 'no'
  /** Words of the host filter. */
  readonly filter?: string
}

/** A part of the question that keeps alerts out, in words, and what leaving it out is called. */
interface Narrowing {
  readonly key: keyof AlertsAsked
  readonly what: string
  readonly widen: string
}

const SEVERITY_WHAT = { page: 'that page', ticket: 'that are tickets', info: 'to know of' } as const
const STATUS_WHAT = { silenced: 'silenced', pending: 'pending', resolved: 'over' } as const

/** @param titles what rules are called */
export const narrowingsOf = (
  { status, severity, rule, taken, filter = '' }: AlertsAsked,
  titles: ReadonlyMap<string, string>,
): readonly Narrowing[] => [
  ...(severity === undefined
    ? []
    : [{ key: 'severity' as const, what: SEVERITY_WHAT[severity], widen: 'Every urgency' }]),
  ...(rule === undefined
    ? []
    : [{ key: 'rule' as const, what: `of the rule ${titles.get(rule) ?? rule}`, widen: 'Every rule' }]),
  ...(taken === undefined
    ? []
    : [
        {
          key: 'taken' as const,
          what: taken === 'yes' ? 'that somebody has taken up' : 'that nobody has taken up',
          widen: 'Taken up or not',
        },
      ]),
  ...(filter === '' ? [] : [{ key: 'filter' as const, what: `with a host of ${filter}`, widen: 'Every host' }]),
  ...(status === undefined
    ? []
    : [{ key: 'status' as const, what: `that are ${STATUS_WHAT[status]}`, widen: 'Those that are open' }]),
]
