import type { FleetCounts } from '@rebootless/shared/contract/fleet.ts'
import type { HostState } from '@rebootless/shared/domain/words.ts'
import { splitFilter } from '../../shell/filter-words.ts'
import { Changing } from '../../ui/changing.tsx'
import { count } from '../../ui/duration.ts'
import { StateGlyph } from '../../ui/state-glyph.tsx'

const TABS: readonly { word: string; glyph: HostState; states: readonly HostState[] }[] = [
  { word: 'Stalled', glyph: 'stalled', states: ['stalled'] },
  { word: 'Danger', glyph: 'forced', states: ['forced', 'failed'] },
  { word: 'Exposed', glyph: 'exposed', states: ['exposed'] },
  { word: 'Offline', glyph: 'offline', states: ['offline', 'stale'] },
]

/** What is asked for at three in the morning, one thumb away. Only on a phone: a desk has the filter bar. */
export const StateTabs = ({
  counts,
  filter,
  onFilter,
}: {
  counts: FleetCounts | undefined
  filter: string
  onFilter: (filter: string) => void
}) => (
  <div className="grid grid-cols-4 border-b border-line desk:hidden">
    {TABS.map(({ word, glyph, states }) => {
      const filterWord = `state:${states.join(',')}`
      const words = splitFilter(filter)
      const pressed = words.includes(filterWord)
      const others = words.filter((other) => !other.startsWith('state:'))
      const hosts = states.reduce((sum, state) => sum + (counts?.byState[state] ?? 0), 0)
      return (
        <button
          key={word}
          type="button"
          aria-pressed={pressed}
          onClick={() => onFilter((pressed ? others : [...others, filterWord]).join(' '))}
          className="grid min-h-14 justify-items-center border-r border-b-2 border-line border-b-transparent py-1.5 text-12 text-ink-3 last:border-r-0 aria-pressed:border-b-ink aria-pressed:font-medium aria-pressed:text-ink"
        >
          <span className="flex items-center gap-1.5 text-20 font-semibold text-ink">
            <StateGlyph state={glyph} size={14} />
            {counts ? <Changing value={count(hosts)} /> : '–'}
          </span>
          {word}
        </button>
      )
    })}
  </div>
)
