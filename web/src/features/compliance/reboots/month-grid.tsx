import type { RebootDay } from '@rebootless/shared/contract/reboot-debt.ts'
import { Check, RotateCw, ShieldOff } from 'lucide-react'
import { count, plural } from '../../../ui/duration.ts'
import { dayWord } from '../day.ts'
import { DayLink } from './day-link.tsx'
import { monthWord } from './month-days.ts'

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const

const openWord = (day: string, today: string) => (day < today ? 'overdue' : 'planned')

/** A month of planned boots by its weeks, and what its marks mean. */
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
