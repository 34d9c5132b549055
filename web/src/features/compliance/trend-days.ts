import type { ComplianceDay } from '@rebootless/shared/contract/compliance.ts'
import { dayBefore } from './day.ts'

export interface TrendDay {
  readonly day: string
  /** Share of hosts within SLA, 0 to 1; null: nothing was recorded. */
  readonly share: number | null
  /** Hosts past their SLA at the end of the day. */
  readonly past: number | null
}

/** What the trend shows of a roll-up. */
export const trendDay = ({ day, counts }: Pick<ComplianceDay, 'day' | 'counts'>): TrendDay => ({
  ...{ day, past: counts.overdue },
  share: counts.hosts === 0 ? null : counts.within / counts.hosts,
})

/** Every day of the time that is looked at, those too of which nothing was recorded. */
export const everyDay = (recorded: readonly TrendDay[], days: number, today: string): TrendDay[] => {
  const known = new Map(recorded.map((one) => [one.day, one]))
  const last = known.has(today) ? today : dayBefore(today)
  return Array.from({ length: days }, (_, index) => dayBefore(last, days - 1 - index)).map(
    (day) => known.get(day) ?? { day, share: null, past: null },
  )
}
