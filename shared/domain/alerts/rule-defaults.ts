import type { AlertRuleSettings } from '../../contract/alerts.ts'
import type { AlertSeverity } from './alert-words.ts'

const MINUTE = 60

/** Told again after four hours where it pages, once a day where it does not, and resolved after five quiet minutes. */
export const defaults = (
  severity: AlertSeverity,
  forSeconds: number,
  more: Partial<AlertRuleSettings> = {},
): AlertRuleSettings => ({
  ...{ enabled: true, severity, threshold: null, forSeconds, quietSeconds: 5 * MINUTE },
  repeatMinutes: severity === 'page' ? 4 * 60 : 24 * 60,
  ...{ hosts: null, channels: null, escalation: [] },
  ...more,
})

/** What happened once counts so long as something that is so, unless a rule says otherwise. */
export const EVENT_COUNTS_MS = 24 * 3_600_000

export const isRecent = (at: number, now: number, withinMs = EVENT_COUNTS_MS): boolean => now - at < withinMs

/** The page of hosts, with this filter. */
export const hostsPath = (filter: string): string => `/hosts?filter=${encodeURIComponent(filter)}`
