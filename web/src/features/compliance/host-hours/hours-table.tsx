import type { HostHours } from '@rebootless/shared/contract/host-hours.ts'
import { HOST_HOUR_STAGES } from '@rebootless/shared/domain/host-hours/host-hour-words.ts'
import { dayWord } from '../day.ts'
import { exposureOf, hoursWord, STAGE_WORDS } from './hours-words.ts'

const CELL = 'py-1.5 pl-4 text-right'

/** The table twin, newest first; with the hours of which nothing is known. */
export const HoursTable = ({ days }: { days: HostHours['days'] }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
  <section tabIndex={0} aria-label="Host-hours by day" className="max-h-[260px] overflow-auto">
    <table className="w-full min-w-160 border-collapse">
      <thead className="sticky top-0 bg-sheet text-11 text-ink-3">
        <tr>
          <th scope="col" className="py-1.5 font-medium">
            Day (UTC)
          </th>
          {HOST_HOUR_STAGES.map((stage) => (
            <th key={stage} scope="col" className={`${CELL} font-medium`}>
              {STAGE_WORDS[stage].word}
            </th>
          ))}
          <th scope="col" className={`${CELL} font-medium`}>
            Exposed
          </th>
          <th scope="col" className={`${CELL} font-medium`}>
            Not known
          </th>
        </tr>
      </thead>
      <tbody>
        {[...days].reverse().map((day) => (
          <tr key={day.day} className="border-t border-line">
            <th scope="row" className="py-1.5 font-normal whitespace-nowrap">
              {dayWord(day.day)}
            </th>
            {HOST_HOUR_STAGES.map((stage) => (
              <td key={stage} className={`${CELL} ${day[stage] === 0 ? 'text-ink-3' : ''}`}>
                {hoursWord(day[stage])}
              </td>
            ))}
            <td className={`${CELL} font-medium`}>{hoursWord(exposureOf(day))}</td>
            <td className={`${CELL} text-ink-3`}>{hoursWord(day.unknown + day.unjudged)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
)
