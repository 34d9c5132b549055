/** Closed lists of words of host-hours. Plain data, as in words.ts. */

/**
 * What an hour in which a host was open to a CVE was spent on; each belongs to the first of these that holds, read from the end:
 * a fix had been in effect on the host before (`gap`); no fix was available for its kernel (`before_fix`); a livepatch was in
 * transition (`in_transition`); none was (`before_loaded`).
 */
export const HOST_HOUR_STAGES = ['before_fix', 'before_loaded', 'in_transition', 'gap'] as const
export type HostHourStage = (typeof HOST_HOUR_STAGES)[number]

/** With the hours of which nobody can tell, and those in which the CVE was not judged yet: in no total. */
export const HOST_HOUR_PARTS = [...HOST_HOUR_STAGES, 'unknown', 'unjudged'] as const
export type HostHourPart = (typeof HOST_HOUR_PARTS)[number]

/** How the availability of a fix is known: a feed dates it; a feed names it without a date; none names any. */
export const FIX_DATES = ['dated', 'undated', 'none'] as const
export type FixDate = (typeof FIX_DATES)[number]
