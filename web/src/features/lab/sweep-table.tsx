// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
// biome-ignore-all lint/a11y/useSemanticElements: a section would need a heading to be named by
import type { SweepPoint } from '@rebootless/server/sim/lab/lab-run.ts'
import { count } from '../../ui/duration.ts'
import type { Swept } from './lab-setting.ts'
import { SYSTEM_ORDER, systemName } from './lab-words.ts'
import { timeWord } from './time-words.ts'

const rangeWord = ([least, median, most]: readonly [number, number, number], us: number): string =>
  least === most
    ? timeWord(median * us)
    : `${timeWord(median * us)} (${timeWord(least * us)} to ${timeWord(most * us)})`

/** The plots' numbers: median, and least to most over the seeds. */
export const SweepTable = ({ points, over }: { points: readonly SweepPoint[]; over: Swept }) => {
  const cell = 'border-b border-line px-3 py-1.5'
  const rows = SYSTEM_ORDER.flatMap((system) =>
    points.filter((point) => point.system === system).toSorted((left, right) => left.value - right.value),
  )
  return (
    <div className="max-h-[420px] overflow-auto px-3 pb-5" tabIndex={0} role="region" aria-label="Points of the sweep">
      <table className="w-full border-separate border-spacing-0">
        <thead className="sticky top-0 bg-sheet text-11 text-ink-3">
          <tr>
            {['System', over[0]?.toUpperCase() + over.slice(1), 'Longest stop', 'Done after', 'Attempts'].map(
              (word) => (
                <th key={word} scope="col" className={`${cell} font-medium`}>
                  {word}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((point) => (
            <tr key={`${point.system} ${point.value}`}>
              <th scope="row" className={`${cell} font-medium whitespace-nowrap`}>
                {systemName(point.system)}
              </th>
              <td className={cell}>{count(point.value)}</td>
              <td className={cell}>{point.pauseMs[2] === 0 ? 'none' : rangeWord(point.pauseMs, 1_000)}</td>
              <td className={cell}>
                {point.completionSeconds === null
                  ? 'not within the time'
                  : rangeWord(point.completionSeconds, 1_000_000)}
              </td>
              <td className={cell}>{count(point.attempts)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
