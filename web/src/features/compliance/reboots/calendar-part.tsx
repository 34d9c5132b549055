import { useQuery } from '@tanstack/react-query'
import { CalendarDays, ChevronLeft, ChevronRight, Table } from 'lucide-react'
import { ProblemNotice } from '../../../shell/problem-notice.tsx'
import { IconButton } from '../../../ui/button.tsx'
import { useNow } from '../../../ui/clock.ts'
import { Segmented } from '../../../ui/segmented.tsx'
import { utcDay } from '../day.ts'
import { PagePart } from '../page-part.tsx'
import { DayTable } from './day-table.tsx'
import { monthAfter, monthWord, weeksOf } from './month-days.ts'
import { MonthGrid } from './month-grid.tsx'
import { rebootDaysQuery } from './queries.ts'

type View = 'month' | 'table'

/** Boots that are planned, day by day, as a month or as its table; a day shows its hosts below. */
export const CalendarPart = ({
  filter,
  month,
  view,
  day,
  onMonth,
  onView,
}: {
  filter: string
  /** `2026-11`; undefined: the present one. */
  month: string | undefined
  view: View
  /** Whose hosts are shown. */
  day: string | undefined
  onMonth: (month: string | undefined) => void
  onView: (view: View) => void
}) => {
  const today = utcDay(useNow())
  const shown = month ?? today.slice(0, 7)
  const weeks = weeksOf(shown)
  const from = weeks[0]?.[0] ?? today
  const days = useQuery(rebootDaysQuery({ filter, from, to: weeks.at(-1)?.at(-1) ?? today }))
  const found = days.data?.days ?? []
  const go = (months: number) => {
    const next = monthAfter(shown, months)
    onMonth(next === today.slice(0, 7) ? undefined : next)
  }
  return (
    <PagePart
      title="When"
      note={monthWord(shown)}
      actions={
        <>
          <span className="flex">
            <IconButton aria-label={`Earlier: ${monthWord(monthAfter(shown, -1))}`} onClick={() => go(-1)}>
              <ChevronLeft size={16} aria-hidden />
            </IconButton>
            <IconButton aria-label={`Later: ${monthWord(monthAfter(shown))}`} onClick={() => go(1)}>
              <ChevronRight size={16} aria-hidden />
            </IconButton>
          </span>
          <Segmented
            label="Calendar as"
            iconsOnly
            value={view}
            onChange={onView}
            segments={[
              { value: 'month', label: 'Month', icon: <CalendarDays size={14} aria-hidden /> },
              { value: 'table', label: 'Table', icon: <Table size={14} aria-hidden /> },
            ]}
          />
        </>
      }
    >
      {days.isError ? (
        <ProblemNotice what="The calendar" error={days.error} onRetry={() => void days.refetch()} />
      ) : view === 'month' ? (
        <MonthGrid weeks={weeks} month={shown} today={today} day={day} days={found} busy={days.isPending} />
      ) : (
        <DayTable days={found} today={today} month={monthWord(shown)} />
      )}
    </PagePart>
  )
}
