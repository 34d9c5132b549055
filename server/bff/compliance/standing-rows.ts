import { sql } from 'kysely'

/** Half-open, as every period here: whatever was closed later stood still at that moment. */
export const standsAt = (at: Date) => sql<boolean>`(from_at <= ${at} and (to_at is null or to_at > ${at}))`
export const millisecondsOf = (day: string | null): number | null => {
  const at = day === null ? Number.NaN : Date.parse(`${day}T00:00:00Z`)
  return Number.isNaN(at) ? null : at
}
