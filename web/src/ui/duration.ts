const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** A unit never leaves its number. */
const GAP = '\u00a0'

/** A length of time in milliseconds in its largest unit: `14 min`, `2 h`, `211 d`. */
export const briefDuration = (milliseconds: number): string => {
  const length = Math.max(0, milliseconds)
  if (length < MINUTE) return `${Math.floor(length / SECOND)}${GAP}s`
  if (length < HOUR) return `${Math.floor(length / MINUTE)}${GAP}min`
  if (length < 2 * DAY) return `${Math.floor(length / HOUR)}${GAP}h`
  return `${Math.floor(length / DAY)}${GAP}d`
}

/** The same in its two largest units: `14 min 22 s`, `211 d 6 h`. */
export const fullDuration = (milliseconds: number): string => {
  const length = Math.max(0, milliseconds)
  const parts: [number, string][] =
    length < HOUR
      ? [
          [Math.floor(length / MINUTE), 'min'],
          [Math.floor((length % MINUTE) / SECOND), 's'],
        ]
      : length < DAY
        ? [
            [Math.floor(length / HOUR), 'h'],
            [Math.floor((length % HOUR) / MINUTE), 'min'],
          ]
        : [
            [Math.floor(length / DAY), 'd'],
            [Math.floor((length % DAY) / HOUR), 'h'],
          ]
  const shown = parts.filter(([value]) => value > 0)
  return shown.length === 0 ? `0${GAP}s` : shown.map(([value, unit]) => `${value}${GAP}${unit}`).join(' ')
}

const exactFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' })

/** Date and time to the second in the viewer's zone. */
export const exactTime = (instant: string | number): string => exactFormat.format(new Date(instant))

const dayFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' })
/** The day in the viewer's zone. */
export const dayOf = (instant: string | number): string => dayFormat.format(new Date(instant))

const clockFormat = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
/** Time of day to the second in the viewer's zone. */
export const clockTime = (instant: string | number): string => clockFormat.format(new Date(instant))

const countFormat = new Intl.NumberFormat('en-US')
export const count = (value: number): string => countFormat.format(value)

/** A share from 0 to 1 as per cent. What is not all never reads as 100, and what is not none never as 0. */
export const percent = (share: number): string => {
  if (share <= 0) return `0${GAP}%`
  if (share >= 1) return `100${GAP}%`
  const hundredths = share * 100
  if (hundredths < 1) return `<${GAP}1${GAP}%`
  if (hundredths > 99) return `${(Math.floor(hundredths * 100) / 100).toFixed(hundredths > 99.9 ? 2 : 1)}${GAP}%`
  return `${Math.round(hundredths)}${GAP}%`
}

export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`
