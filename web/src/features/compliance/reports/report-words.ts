import type { Report, ReportSending } from '@rebootless/shared/contract/reports.ts'
import type { ChannelKind } from '@rebootless/shared/domain/channel-words.ts'

export const WEEKDAY_WORDS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const

const minuteFormat = new Intl.DateTimeFormat('en-GB', {
  ...{ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
  ...{ hour: '2-digit', minute: '2-digit', timeZoneName: 'short' },
})
/** `Mon, 30 Nov 2026, 08:00 CET`: a report is due to the hour. */
export const minuteOf = (instant: string): string => minuteFormat.format(Date.parse(instant))

/** Those that take reports. */
export const REPORT_KIND_WORDS: Readonly<Partial<Record<ChannelKind, string>>> = {
  webhook: 'Webhook',
  slack: 'Slack',
  teams: 'Microsoft Teams',
  smtp: 'Mail',
}

const ORDINALS = ['th', 'st', 'nd', 'rd'] as const
const ordinal = (day: number): string => {
  const last = day % 10
  return `${day}${day > 10 && day < 14 ? 'th' : (ORDINALS[last] ?? 'th')}`
}

/** `Mondays at 08:00 in Europe/Berlin`. */
export const scheduleText = (schedule: Report['schedule']): string => {
  const day =
    schedule.kind === 'weekly'
      ? `${WEEKDAY_WORDS[schedule.weekday - 1]}s`
      : `The ${ordinal(schedule.day)} of each month`
  const place = schedule.timeZone === 'UTC' ? ' UTC' : ` in ${schedule.timeZone}`
  return `${day} at ${String(schedule.hour).padStart(2, '0')}:00${place}`
}

export const SENDING_WORDS = {
  waiting: { word: 'Waits to be sent', glyph: 'unknown', tone: 'text-ink-3' },
  delivered: { word: 'Delivered', glyph: 'applied', tone: 'text-ink-3' },
  'given up': { word: 'Given up', glyph: 'failed', tone: 'text-danger-text' },
  'kept no more': { word: 'Sent', glyph: 'applied', tone: 'text-ink-3' },
  'not sent': { word: 'Not sent', glyph: 'failed', tone: 'text-danger-text' },
} as const satisfies Record<ReportSending['state'], object>

/** Which period it was of, and whether it came late. */
export const sendingText = ({ period, lateSince }: ReportSending): string =>
  `${period === null ? 'by hand' : `for ${period}`}${lateSince === null ? '' : `, late: it was due on ${minuteOf(lateSince)}`}`
