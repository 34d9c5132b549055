import * as z from 'zod'

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
const DAY_NAMES: readonly string[] = DAYS
const Time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/)

const isTimeZone = (zone: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== null
  } catch {
    return false
  }
}

/** When changes may be made. `to` before `from` runs over midnight and belongs to the day on which it began. */
export const ChangeHours = z
  .strictObject({
    days: z
      .array(z.enum(DAYS))
      .min(1)
      .max(7)
      .default([...DAYS]),
    from: Time,
    to: Time,
    /** IANA name, as `Europe/Berlin`. */
    zone: z.string().max(64).refine(isTimeZone, 'not a time zone'),
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], message: 'no time at all' })
export type ChangeHours = z.infer<typeof ChangeHours>

/** `nowMs` since 1970. On a day when clocks change, what counts is what a clock on the wall shows. */
export const isWithinHours = ({ days, from, to, zone }: ChangeHours, nowMs: number): boolean => {
  const { day, time } = onTheWall(nowMs, zone)
  const allowed = (offset: number) => days.includes(DAYS[(day + offset) % 7] ?? 'sun')
  if (from < to) return allowed(0) && time >= from && time < to
  return (allowed(0) && time >= from) || (allowed(6) && time < to)
}

const onTheWall = (nowMs: number, zone: string): { day: number; time: string } => {
  const parts = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: zone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  }).formatToParts(nowMs)
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? ''
  const day = DAY_NAMES.indexOf(part('weekday').toLowerCase())
  return { day, time: `${part('hour')}:${part('minute')}` }
}

export const hoursText = ({ days, from, to, zone }: ChangeHours): string =>
  `${days.length === 7 ? 'every day' : days.join(', ')} ${from} to ${to}, ${zone}`
