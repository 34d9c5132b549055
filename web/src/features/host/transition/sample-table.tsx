// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
// biome-ignore-all lint/a11y/useSemanticElements: a section would need a heading to be named by
import type { TransitionView } from '@rebootless/shared/contract/host-transition.ts'
import { clockTime, count, exactTime, fullDuration } from '../../../ui/duration.ts'
import { PHASE_WORDS } from './phase-words.ts'

interface Row {
  at: string
  remaining: number | null
  total: number | null
  what: string
}

/** The curve in words: each reading that differs from the one before, and each phase. */
const rowsOf = (transition: TransitionView): Row[] => {
  const samples = transition.samples
    .filter(
      (sample, index, all) => index === 0 || index === all.length - 1 || sample.remaining !== all[index - 1]?.remaining,
    )
    .map((sample) => ({ ...sample, what: '' }))
  const phases = transition.phases.map((phase) => ({
    at: phase.at,
    remaining: null,
    total: null,
    what: PHASE_WORDS[phase.kind],
  }))
  return [...samples, ...phases].sort((left, right) => Date.parse(left.at) - Date.parse(right.at))
}

export const SampleTable = ({ transition }: { transition: TransitionView }) => {
  const start = Date.parse(transition.startedAt)
  const cell = 'border-b border-line px-3 py-2 dense:py-1'
  return (
    <div className="max-h-[336px] overflow-y-auto" tabIndex={0} role="region" aria-label="Readings of the transition">
      <table className="w-full border-separate border-spacing-0">
        <thead className="sticky top-0 bg-sheet text-11 text-ink-3">
          <tr>
            {['Time', 'After the start', 'To switch', 'Of', 'What happened'].map((word, index) => (
              <th
                key={word}
                scope="col"
                className={`${cell} font-medium ${index > 0 && index < 4 ? 'text-right' : ''}`}
              >
                {word}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rowsOf(transition).map((row) => (
            <tr key={`${row.at} ${row.what}`}>
              <td className={cell}>
                <time dateTime={row.at} title={exactTime(row.at)}>
                  {clockTime(row.at)}
                </time>
              </td>
              <td className={`${cell} text-right`}>{fullDuration(Date.parse(row.at) - start)}</td>
              <td className={`${cell} text-right font-medium`}>{row.remaining === null ? '' : count(row.remaining)}</td>
              <td className={`${cell} text-right text-ink-3`}>{row.total === null ? '' : count(row.total)}</td>
              <td className={cell}>{row.what}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
