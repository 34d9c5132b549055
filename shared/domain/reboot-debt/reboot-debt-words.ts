/** The closed list of what makes a host need a boot, what weighs most first. Plain data, as in words.ts. */
export const REBOOT_REASONS = [
  /** A transition was forced since the last boot. */
  'forced',
  /** Its live patching system makes no more patches for this kernel. */
  'coverage_ended',
  /** A CVE is open whose fix is in a kernel that is installed and does not run. */
  'cve_on_disk',
  /** A CVE is open that a kernel fixes, and no livepatch that is published for this one. */
  'cve_without_livepatch',
  /** The vendor's tool asks for it. */
  'tool_says',
  /** The distribution asks for it. */
  'distribution_asks',
  'newer_kernel',
  /** Many livepatches stand on each other. */
  'stack_grown',
  /** A module stays in memory that nothing can remove. */
  'module_pinned',
] as const
export type RebootReason = (typeof REBOOT_REASONS)[number]

/** Those that say that a boot is due: others are no debt. The first is worse. */
export const DEBT_ANSWERS = ['yes', 'yes_but_covered'] as const
export type DebtAnswer = (typeof DEBT_ANSWERS)[number]

/** How a plan ended: the host booted, another took its place, or somebody took it back. */
export const REBOOT_PLAN_ENDS = ['done', 'replaced', 'cancelled'] as const
export type RebootPlanEnd = (typeof REBOOT_PLAN_ENDS)[number]

/** What a list shows by plan. */
export const PLANNED_WORDS = ['planned', 'overdue', 'none'] as const
