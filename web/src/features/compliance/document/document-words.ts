import { plural } from '../../../ui/duration.ts'
import { dayWord, utcDay } from '../day.ts'

export const dayOfInstant = (instant: string): string => dayWord(utcDay(Date.parse(instant)))
/** To the minute, UTC: a document is read in other zones. */
export const utcTime = (instant: string): string => `${dayOfInstant(instant)}, ${instant.slice(11, 16)} UTC`
export const ownerOf = (labels: Readonly<Record<string, string>>): string => labels.owner ?? labels.team ?? '–'

export const dueWord = (days: number | null): string => (days === null ? 'never' : plural(days, 'day'))

export const overWord = (days: number | null): string =>
  days === null ? 'in time' : days === 0 ? 'less than a day over' : `${plural(days, 'day')} over`
