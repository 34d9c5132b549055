const DAYS_MAX = 366
const DAY_MS = 24 * 60 * 60_000

/** Why a boot cannot be planned for a day, in a sentence; null: it can. Days are of UTC. */
export const planMistake = (on: string, today: string): string | null => {
  if (on < today) return 'That day is over: plan the boot for today or a later day.'
  const days = (Date.parse(on) - Date.parse(today)) / DAY_MS
  return days > DAYS_MAX ? 'Plan it for a day within a year.' : null
}
