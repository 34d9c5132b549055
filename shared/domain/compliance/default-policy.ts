import type { SlaSpec } from '../../contract/compliance-policy.ts'

/**
 * Until somebody sets other days. CISA's Binding Operational Directive 19-02 gives 15 days for critical and 30 for high
 * vulnerabilities, 22-01 two weeks for what is known to be exploited; for medium and low it has none, and a quarter and half a
 * year stand here. What nobody has scored is taken as medium.
 */
export const DEFAULT_SLA: SlaSpec = {
  days: { critical: 15, high: 30, medium: 90, low: 180, unknown: 90 },
  knownExploitedDays: 14,
  clock: 'fix_available',
  notBeforeSeen: true,
  unknown: 'apart',
  supported: 'covers_newer_kernel',
  calendar: {
    timeZone: 'UTC',
    count: 'calendar_days',
    workingDays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
    holidays: [],
  },
  overrides: [],
}
