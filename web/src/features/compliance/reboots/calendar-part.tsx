import type { RebootDay } from '@rebootless/shared/contract/reboot-debt.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CalendarDays, Check, ChevronLeft, ChevronRight, RotateCw, ShieldOff, Table } from 'lucide-react'
import { ProblemNotice } from '../../../shell/problem-notice.tsx'
import { IconButton } from '../../../ui/button.tsx'
import { useNow } from '../../../ui/clock.ts'
import { count, plural } from '../../../ui/duration.ts'
import { Segmented } from '../../../ui/segmented.tsx'
import { dayWord, utcDay } from '../day.ts'
import { PagePart } from '../page-part.tsx'
import { monthAfter, monthWord, weeksOf } from './month-days.ts'
import { narrowedTo, rebootDaysQuery } from './queries.ts'

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const
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

/** A day's hosts below; once more takes that back. */
const DayLink = ({ of, day, children }: { of: string; day: string | undefined; children: React.ReactNode }) => (
  <Link
    to="/compliance/reboots"
    from="/compliance/reboots"
    search={narrowedTo(day === of ? {} : { day: of })}
    resetScroll={false}
    aria-current={day === of ? 'date' : undefined}
    className="quiet-link after:absolute after:inset-0"
  >
    {children}
  </Link>
)

const openWord = (day: string, today: string) => (day < today ? 'overdue' : 'planned')

export const MonthGrid = ({
  weeks,
  month,
  today,
  day,
  days,
  busy,
}: {
  weeks: readonly (readonly string[])[]
  month: string
  today: string
  day: string | undefined
  days: readonly RebootDay[]
  busy: boolean
}) => {
  const known = new Map(days.map((one) => [one.day, one]))
  return (
    <>
      <table aria-busy={busy} className="mt-2 w-full table-fixed border-collapse">
        <caption className="sr-only">Planned boots in {monthWord(month)}</caption>
        <thead>
          <tr>
            {WEEKDAYS.map((word) => (
              <th key={word} scope="col" className="pb-1 pl-1.5 text-11 font-medium text-ink-3">
                {word}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map((week) => (
            <tr key={week[0]}>
              {week.map((one) => (
                <DayCell
                  key={one}
                  day={one}
                  isOfMonth={one.startsWith(month)}
                  today={today}
                  shown={day}
                  counts={known.get(one)}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <ul aria-label="What the calendar shows" className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-12 text-ink-2">
        <li className="inline-flex items-center gap-1.5">
          <RotateCw size={12} aria-hidden />
          planned
        </li>
        <li className="inline-flex items-center gap-1.5 text-old-text">
          <RotateCw size={12} aria-hidden />
          overdue
        </li>
        <li className="inline-flex items-center gap-1.5 text-new-text">
          <Check size={12} aria-hidden />
          booted
        </li>
        <li className="inline-flex items-center gap-1.5 text-ink-3">
          <ShieldOff size={12} aria-hidden />
          last day of live patches
        </li>
        <li className="text-ink-3">Days are of UTC.</li>
      </ul>
    </>
  )
}

const DayCell = ({
  day,
  isOfMonth,
  today,
  shown,
  counts,
}: {
  day: string
  isOfMonth: boolean
  today: string
  shown: string | undefined
  counts: RebootDay | undefined
}) => {
  const { open = 0, done = 0, coverageEnds = 0 } = counts ?? {}
  return (
    <td
      aria-current={day === today ? 'date' : undefined}
      className={`relative h-13 border border-line p-1.5 align-top text-12 ${isOfMonth ? '' : 'bg-paper'} ${day === shown ? 'bg-sunken' : ''}`}
    >
      <span
        className={
          day === today ? 'rounded-mark bg-ink px-1 font-semibold text-on-ink' : isOfMonth ? 'text-ink-2' : 'text-ink-3'
        }
      >
        {Number(day.slice(8))}
      </span>
      <span className="flex flex-wrap gap-x-2">
        {open === 0 ? null : (
          <span className={`inline-flex items-center gap-1 font-medium ${day < today ? 'text-old-text' : ''}`}>
            <RotateCw size={11} aria-hidden className="max-desk:hidden" />
            <DayLink of={day} day={shown}>
              {count(open)}
              <span className="sr-only">
                {' '}
                {openWord(day, today)} for {dayWord(day)}
              </span>
            </DayLink>
          </span>
        )}
        {done === 0 ? null : (
          <span title={`${plural(done, 'host')} booted`} className="inline-flex items-center gap-0.5 text-new-text">
            <Check size={11} aria-hidden />
            {count(done)}
            <span className="sr-only"> booted</span>
          </span>
        )}
        {coverageEnds === 0 ? null : (
          <span
            title={`the last day of live patches for ${plural(coverageEnds, 'host')}`}
            className="inline-flex items-center gap-0.5 text-ink-3"
          >
            <ShieldOff size={11} aria-hidden />
            {count(coverageEnds)}
            <span className="sr-only"> with the last day of live patches</span>
          </span>
        )}
      </span>
    </td>
  )
}

export const DayTable = ({ days, today, month }: { days: readonly RebootDay[]; today: string; month: string }) =>
  days.length === 0 ? (
    <p className="py-2 text-12 text-ink-3">Nothing is planned in {month}, and no coverage ends.</p>
  ) : (
    <table className="mt-2 w-full border-collapse">
      <caption className="sr-only">Planned boots in {month}</caption>
      <thead className="text-11 text-ink-3">
        <tr>
          {['Day', 'Planned', 'Booted', 'Coverage ends'].map((word, index) => (
            <th key={word} scope="col" className={`py-1.5 font-medium ${index === 0 ? '' : 'text-right'}`}>
              {word}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {days.map(({ day, open, done, coverageEnds }) => (
          <tr key={day} className="relative h-8 border-t border-line">
            <th scope="row" className="font-normal">
              {open === 0 ? (
                dayWord(day)
              ) : (
                <DayLink of={day} day={undefined}>
                  {dayWord(day)}
                </DayLink>
              )}
            </th>
            <td className={`text-right ${open > 0 && day < today ? 'text-old-text' : ''}`}>
              {count(open)}
              {open > 0 && day < today ? ' overdue' : ''}
            </td>
            <td className="text-right">{count(done)}</td>
            <td className="text-right">{count(coverageEnds)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
