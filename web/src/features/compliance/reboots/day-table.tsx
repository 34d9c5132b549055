import type { RebootDay } from '@rebootless/shared/contract/reboot-debt.ts'
import { count } from '../../../ui/duration.ts'
import { dayWord } from '../day.ts'
import { DayLink } from './day-link.tsx'

/** The table twin of a month: its days that have anything on them. */
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
