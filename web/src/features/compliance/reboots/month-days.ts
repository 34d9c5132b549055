import { dayBefore } from '../day.ts'

const DAYS_OF_WEEK = 7

/** `2026-11` and how many months on: `2027-01`. */
export const monthAfter = (month: string, months = 1): string => {
  const [year = 0, number = 1] = month.split('-').map(Number)
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7)
}

const monthFormat = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' })
/** `November 2026`. */
export const monthWord = (month: string): string => monthFormat.format(Date.parse(`${month}-01T00:00:00.000Z`))

/** Whole weeks, Monday first, that hold a month; days of its neighbours stand in them too. */
export const weeksOf = (month: string): string[][] => {
  const first = `${month}-01`
  const behindMonday = (new Date(`${first}T00:00:00.000Z`).getUTCDay() + 6) % DAYS_OF_WEEK
  const weeks: string[][] = []
  for (let monday = dayBefore(first, behindMonday); monday.slice(0, 7) <= month; monday = dayBefore(monday, -7)) {
    weeks.push(Array.from({ length: DAYS_OF_WEEK }, (_, index) => dayBefore(monday, -index)))
  }
  return weeks
}
