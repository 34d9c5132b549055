// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
// biome-ignore-all lint/a11y/useSemanticElements: a section would need a heading to be named by
import type { WaveTransition } from '@rebootless/shared/contract/rollout-transition.ts'
import { clockTime, count, exactTime, fullDuration } from '../../../ui/duration.ts'

/** The curve in numbers: each point that differs from the one before. */
export const PointTable = ({ points }: { points: WaveTransition['points'] }) => {
  const start = Date.parse(points[0]?.at ?? '')
  const rows = points.filter((point, index, all) => {
    const before = all[index - 1]
    const isSame =
      before !== undefined &&
      before.tasksLeft === point.tasksLeft &&
      before.hostsInTransition === point.hostsInTransition
    return !isSame || index === all.length - 1
  })
  const cell = 'border-b border-line px-3 py-2 dense:py-1'
  return (
    <div className="h-64 overflow-y-auto" tabIndex={0} role="region" aria-label="Readings of the transitions">
      <table className="w-full border-separate border-spacing-0">
        <thead className="sticky top-0 bg-sheet text-11 text-ink-3">
          <tr>
            {['Time', 'After the start', 'Tasks to switch', 'Hosts in transition'].map((word, index) => (
              <th key={word} scope="col" className={`${cell} font-medium ${index > 0 ? 'text-right' : 'text-left'}`}>
                {word}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ at, tasksLeft, hostsInTransition }) => (
            <tr key={at}>
              <td className={cell}>
                <time dateTime={at} title={exactTime(at)}>
                  {clockTime(at)}
                </time>
              </td>
              <td className={`${cell} text-right`}>{fullDuration(Date.parse(at) - start)}</td>
              <td className={`${cell} text-right font-medium`}>{count(tasksLeft)}</td>
              <td className={`${cell} text-right text-ink-3`}>{count(hostsInTransition)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
