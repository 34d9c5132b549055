/** What a kernel's log may tell of; `bug`: a report that begins with BUG and kills nothing. Plain data, so that a browser needs no schema library. */
export const KERNEL_INCIDENT_KINDS = [
  'oops',
  'bug',
  'warning',
  'lockup',
  'rcu stall',
  'hung task',
  'sanitizer report',
] as const
export type KernelIncidentKind = (typeof KERNEL_INCIDENT_KINDS)[number]
