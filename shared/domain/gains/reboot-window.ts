import { WEEKDAYS, type Weekday } from '../compliance/compliance-words.ts'

/** The closed list of words for a day on which hosts are booted once a month. */
const RANKS = ['first', 'second', 'third', 'fourth', 'last'] as const
type Rank = (typeof RANKS)[number]
export const REBOOT_WINDOWS = RANKS.flatMap((rank) => WEEKDAYS.map((weekday) => `${rank}-${weekday}` as const))
export type RebootWindow = `${Rank}-${Weekday}`
export const DEFAULT_WINDOW: RebootWindow = 'second-tuesday'

const DAY_MS = 24 * 60 * 60_000
/** Before any host was read; who asks for a moment before it gets the windows from that year on. */
const FIRST_YEAR = 2020
const MONTHS_AHEAD = 3

export const isRebootWindow = (word: unknown): word is RebootWindow => REBOOT_WINDOWS.some((one) => one === word)

/** `second Tuesday` */
export const windowWord = (window: RebootWindow): string =>
  window.replace(/-(.)/, (_, letter: string) => ` ${letter.toUpperCase()}`)

/** When the day ends (UTC): what is there on that day is still taken along. */
const windowEnd = (window: RebootWindow, year: number, month: number): number => {
  const [rank, weekday] = window.split('-') as [Rank, Weekday]
  // 1970-01-01 was a Thursday; in the list Monday is 0.
  const wanted = WEEKDAYS.indexOf(weekday)
  const weekdayOf = (at: number) => (((at / DAY_MS + 3) % 7) + 7) % 7
  if (rank === 'last') {
    const end = Date.UTC(year, month + 1, 1)
    return end - ((weekdayOf(end - DAY_MS) - wanted + 7) % 7) * DAY_MS
  }
  const first = Date.UTC(year, month, 1)
  const weeks = RANKS.indexOf(rank)
  return first + (((wanted - weekdayOf(first) + 7) % 7) + weeks * 7 + 1) * DAY_MS
}

/** All windows until the one after a moment and some more, by their ends, oldest first; milliseconds since 1970. */
const windowsUntil = (window: RebootWindow, at: number): number[] => {
  const last = new Date(at)
  const first = Math.min(FIRST_YEAR, last.getUTCFullYear())
  const length = (last.getUTCFullYear() - first) * 12 + last.getUTCMonth() + MONTHS_AHEAD
  return Array.from({ length }, (_, month) => windowEnd(window, first, month))
}

export interface RebootWindows {
  /** The end of the first window that a moment is in time for. Moments up to the one that they were made for. */
  after(moment: number): number
  /** Ends that came after one moment and up to another. */
  between(from: number, to: number): number[]
}

export const rebootWindows = (window: RebootWindow, at: number): RebootWindows => {
  const ends = windowsUntil(window, at)
  return {
    after(moment) {
      let low = 0
      let high = ends.length - 1
      while (low < high) {
        const middle = (low + high) >> 1
        if ((ends[middle] ?? 0) > moment) high = middle
        else low = middle + 1
      }
      return ends[low] ?? Number.POSITIVE_INFINITY
    },
    between: (from, to) => ends.filter((end) => end > from && end <= to),
  }
}
