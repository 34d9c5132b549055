/** The closed lists of words of compliance. Plain data, as in words.ts. */

/** When the clock of a due date starts; `fix_available`: never, while there is no fix. */
export const CLOCK_STARTS = ['publication', 'fix_available'] as const
export type ClockStart = (typeof CLOCK_STARTS)[number]

/**
 * When a host counts as supported. `newest_in_effect`: the newest kernel that is installed on it runs, or its livepatches
 * leave nothing open for which a livepatch is there; `covers_newer_kernel`: nothing is open that a newer kernel on its disk fixes.
 */
export const SUPPORTED_RULES = ['newest_in_effect', 'covers_newer_kernel'] as const
export type SupportedRule = (typeof SUPPORTED_RULES)[number]

/** What a CVE of which nothing is known means: shown beside, or held to the same days as an exposure. */
export const UNKNOWN_COUNTS = ['apart', 'as_exposed'] as const

/** `requested`: waits for an approver; `declined`: ended before anybody approved it; `expired`: its end came. */
export const EXCEPTION_STATES = ['requested', 'declined', 'in_effect', 'ended', 'expired'] as const
export type ExceptionState = (typeof EXCEPTION_STATES)[number]

export const TREND_DIMENSIONS = ['fleet', 'owner', 'datacentre'] as const
export type TrendDimension = (typeof TREND_DIMENSIONS)[number]

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
export type Weekday = (typeof WEEKDAYS)[number]

/** The labels that figures are told by. A host has its datacentre under one of several names; the first that it has counts. */
export const OWNER_LABELS = ['owner', 'team'] as const
export const DATACENTRE_LABELS = ['datacentre', 'datacenter', 'dc', 'site'] as const
