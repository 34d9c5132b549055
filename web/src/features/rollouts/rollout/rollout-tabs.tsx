import { Link } from '@tanstack/react-router'
import { count } from '../../../ui/duration.ts'

const TABS = [
  ['overview', 'Overview'],
  ['hosts', 'Hosts'],
  ['plan', 'Plan'],
  ['approvals', 'Approvals'],
] as const
export type RolloutTab = (typeof TABS)[number][0]

export const RolloutTabs = ({
  id,
  tab,
  counts,
}: {
  id: string
  tab: RolloutTab
  /** How many of what a tab holds. */
  counts: Partial<Record<RolloutTab, number>>
}) => (
  <nav aria-label="This rollout" className="overflow-x-auto border-b border-line px-6 max-desk:px-4">
    <ul className="flex gap-6">
      {TABS.map(([value, word]) => (
        <li key={value}>
          <Link
            to="/rollouts/$id"
            params={{ id }}
            search={({ wave }) => ({ ...(wave === undefined ? {} : { wave }), tab: value })}
            resetScroll={false}
            activeOptions={{ exact: true, includeSearch: true }}
            activeProps={{}}
            aria-current={tab === value ? 'page' : undefined}
            className="flex h-11 items-center gap-1.5 border-b-2 border-transparent whitespace-nowrap text-ink-2 transition-colors hover:text-ink current:border-ink current:font-semibold current:text-ink"
          >
            {word}
            {counts[value] === undefined ? null : (
              <span className="text-12 font-normal text-ink-3">{count(counts[value])}</span>
            )}
          </Link>
        </li>
      ))}
    </ul>
  </nav>
)
