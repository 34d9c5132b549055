import type { HostListQuery } from '@rebootless/shared/contract/host.ts'

type HostSort = HostListQuery['sort']

const WORDS: Readonly<Record<HostSort, string>> = {
  state: 'most urgent first',
  '-state': 'calmest first',
  stateSince: 'longest in its state first',
  '-stateSince': 'shortest in its state first',
  name: 'name, A to Z',
  '-name': 'name, Z to A',
  kernel: 'kernel, oldest first',
  '-kernel': 'kernel, newest first',
  lastSeen: 'last seen, longest ago first',
  '-lastSeen': 'last seen, latest first',
}

/** The order as a list, where the table's heads have no room. */
export const SortChoice = ({ sort, onSort }: { sort: HostSort; onSort: (sort: HostSort) => void }) => (
  <label className="flex items-center gap-1.5 text-12 text-ink-3 desk:hidden">
    Sort
    <select
      value={sort}
      onChange={(event) => {
        const chosen = (Object.keys(WORDS) as HostSort[]).find((word) => word === event.target.value)
        if (chosen) onSort(chosen)
      }}
      className="h-8 rounded-control bg-sheet font-medium text-ink touch:h-11"
    >
      {Object.entries(WORDS).map(([value, word]) => (
        <option key={value} value={value}>
          {word}
        </option>
      ))}
    </select>
  </label>
)
