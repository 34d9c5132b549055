import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { HOST_STATE_WORDS } from '@rebootless/shared/domain/state-words.ts'
import { Link } from '@tanstack/react-router'
import { count } from '../../ui/duration.ts'
import { StateGlyph } from '../../ui/state-glyph.tsx'
import { countsByState } from './cell-groups.ts'

export const MapLegend = ({ hosts }: { hosts: readonly HostSummary[] }) => (
  <ul aria-label="States on the map" className="mt-4 flex flex-wrap gap-x-5 gap-y-1 text-12 text-ink-3">
    {countsByState(hosts).map((row) => (
      <li key={row.state}>
        <Link
          to="/hosts"
          search={{ filter: `state:${row.state}` }}
          className="inline-flex min-h-6 min-w-6 items-center gap-1.5 hover:text-ink touch:min-h-11"
        >
          <StateGlyph state={row.state} size={14} />
          {HOST_STATE_WORDS[row.state].word.toLowerCase()}
          <span className="font-medium text-ink">{count(row.hosts)}</span>
        </Link>
      </li>
    ))}
  </ul>
)
