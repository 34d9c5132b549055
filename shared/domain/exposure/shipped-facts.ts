/** The day up to which the facts go that ship with this version, as their file says: server/bff/vulnerabilities/shipped. */
export const SHIPPED_FACTS_DAY = '2026-08-21'
