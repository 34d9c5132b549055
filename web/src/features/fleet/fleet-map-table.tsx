// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
// biome-ignore-all lint/a11y/useSemanticElements: a section would need a heading to be named by
import { HOST_STATE_WORDS } from '@rebootless/shared/domain/state-words.ts'
import { count } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { StateGlyph } from '../../ui/state-glyph.tsx'
import { type CellGroup, countsByState } from './cell-groups.ts'

/** The map in words: a row a group, a column a state that occurs. */
export const FleetMapTable = ({ groups }: { groups: readonly CellGroup[] }) => {
  const states = countsByState(groups.flatMap((group) => group.hosts)).map((row) => row.state)
  const cell = 'border-b border-line py-2 pr-3 dense:py-1'
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Hosts by group and state">
      <table className="w-full min-w-[480px] border-separate border-spacing-0">
        <thead className="text-11 text-ink-3">
          <tr>
            <th scope="col" className={`${cell} font-medium`}>
              Group
            </th>
            <th scope="col" className={`${cell} text-right font-medium`}>
              Hosts
            </th>
            {states.map((state) => (
              <th key={state} scope="col" className={`${cell} font-medium`}>
                <span className="flex items-center justify-end gap-1">
                  <StateGlyph state={state} size={14} />
                  {HOST_STATE_WORDS[state].word}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => {
            const counts = new Map(countsByState(group.hosts).map((row) => [row.state, row.hosts]))
            return (
              <tr key={group.name} className="hover:bg-hover">
                <th scope="row" className={`${cell} font-medium`}>
                  <HostText value={group.name || 'All hosts'} max={60} />
                </th>
                <td className={`${cell} text-right`}>{count(group.hosts.length)}</td>
                {states.map((state) => (
                  <td key={state} className={`${cell} text-right ${counts.has(state) ? '' : 'text-ink-3'}`}>
                    {counts.has(state) ? count(counts.get(state) ?? 0) : '–'}
                  </td>
                ))}
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
