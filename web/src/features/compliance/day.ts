const DAY_MS = 86_400_000

/** The day of an instant in UTC, as roll-ups count days: `2026-11-24`. */
export const utcDay = (instant: number): string => new Date(instant).toISOString().slice(0, 10)

/** The moment at which a past day ends, in UTC: what a day came to. */
export const endOfDay = (day: string): string => new Date(Date.parse(`${day}T00:00:00.000Z`) + DAY_MS - 1).toISOString()

export const dayBefore = (day: string, days = 1): string => utcDay(Date.parse(`${day}T00:00:00.000Z`) - days * DAY_MS)

const longFormat = new Intl.DateTimeFormat('en-GB', {
  ...{ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' },
})
const shortFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })

/** `Tue 24 Nov 2026`. */
export const dayWord = (day: string): string => longFormat.format(Date.parse(`${day}T00:00:00.000Z`)).replace(',', '')

/** `24 Nov`. */
export const shortDayWord = (day: string): string => shortFormat.format(Date.parse(`${day}T00:00:00.000Z`))

const clockFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' })
const isDay = (at: string): boolean => at.length === 'yyyy-mm-dd'.length

/** The moment that an address means: a day as it ended, or, as reports link to it, an instant. */
export const momentOf = (at: string): string => (isDay(at) ? endOfDay(at) : at)
/** `the end of Tue 24 Nov 2026 (UTC)`, `08:00 on Tue 24 Nov 2026 (UTC)`. */
export const momentWord = (at: string): string => {
  const day = dayWord(at.slice(0, 10))
  return isDay(at) ? `the end of ${day} (UTC)` : `${clockFormat.format(Date.parse(at))} on ${day} (UTC)`
}
