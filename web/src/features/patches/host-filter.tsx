import { parseFilter } from '@rebootless/shared/domain/filter.ts'
import { FilterBar } from '../../shell/filter-bar.tsx'

const NONE: ReadonlyMap<string, readonly string[]> = new Map()

/** Which hosts are looked at, in the words of the Hosts page. */
export const HostFilter = ({ filter, onFilter }: { filter: string; onFilter: (filter: string) => void }) => (
  <div className="flex border-b border-line px-6 py-2.5 max-desk:px-4">
    <FilterBar filter={filter} onFilter={onFilter} known={NONE} />
  </div>
)

export const isHostFilter = (filter: string): boolean => parseFilter(filter).ok
