/** The closed lists of words of alerts. Plain data, as in words.ts. */

/** Most urgent first. `page`: somebody is woken; `ticket`: in working hours; `info`: to know of. */
export const ALERT_SEVERITIES = ['page', 'ticket', 'info'] as const
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number]

/** What is told to channels, of a group of hosts with one cause. */
export const ALERT_STATUSES = ['firing', 'acknowledged', 'silenced', 'resolved'] as const
export type AlertStatus = (typeof ALERT_STATUSES)[number]

/** `pending`: it is so, and not yet for as long as its rule asks. */
export const ALERT_PHASES = ['pending', ...ALERT_STATUSES] as const
export type AlertPhase = (typeof ALERT_PHASES)[number]

/** Why a message of an alert is sent. `grown`: many more hosts have the cause than when it was told last. */
export const ALERT_CHANGES = [
  'fired',
  'grown',
  'escalated',
  'repeated',
  'acknowledged',
  'silenced',
  'no longer silenced',
  'resolved',
] as const
export type AlertChange = (typeof ALERT_CHANGES)[number]

/** Each is the name of its runbook too: docs/runbooks/NAME.md. */
export const ALERT_RULE_IDS = [
  'transition-stalled',
  'transition-reversed',
  'patch-failed',
  'patch-forced',
  'kernel-oops',
  'kernel-warning',
  'taint-changed',
  'patch-drifted',
  'patch-withdrawn',
  'host-silent-in-transition',
  'rollout-needs-someone',
  'command-failed',
  'sla-breaking',
  'sla-broken',
  'exception-ending',
  'certificate-ending',
  'agent-outdated',
  'disk-full',
  'database-trouble',
  'feed-failing',
  'channel-dead-letters',
  'backend-lag',
] as const
export type AlertRuleId = (typeof ALERT_RULE_IDS)[number]

/** Whether a channel that takes this severity and all that are more urgent takes another. */
export const isAtLeast = (severity: AlertSeverity, least: AlertSeverity): boolean =>
  ALERT_SEVERITIES.indexOf(severity) <= ALERT_SEVERITIES.indexOf(least)
