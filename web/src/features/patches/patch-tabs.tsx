import type { PatchDetail } from '@rebootless/shared/contract/patches.ts'
import { Link } from '@tanstack/react-router'
import { count } from '../../ui/duration.ts'

const TABS = [
  ['overview', 'Overview'],
  ['functions', 'Functions'],
  ['hosts', 'Hosts'],
  ['forecast', 'Forecast'],
] as const
type Tab = (typeof TABS)[number][0]

/** What a patch of its kind has: functions stand in a file, and without functions nothing can be in their way. */
export const tabsOf = ({ kind }: Pick<PatchDetail, 'kind'>): readonly Tab[] =>
  kind === 'module'
    ? TABS.map(([tab]) => tab)
    : kind === 'set'
      ? ['overview', 'hosts', 'forecast']
      : ['overview', 'hosts']

export const PatchTabs = ({ patch, tab }: { patch: PatchDetail; tab: string }) => {
  const there = tabsOf(patch)
  const functions = patch.module?.functionCount
  return (
    <nav aria-label="This patch" className="overflow-x-auto border-b border-line px-6 max-desk:px-4">
      <ul className="flex gap-6">
        {TABS.filter(([value]) => there.includes(value)).map(([value, word]) => (
          <li key={value}>
            <Link
              to="/patches/$id"
              params={{ id: patch.id }}
              search={{ tab: value }}
              resetScroll={false}
              activeOptions={{ exact: true, includeSearch: true }}
              activeProps={{}}
              aria-current={tab === value ? 'page' : undefined}
              className="flex h-11 items-center gap-1.5 border-b-2 border-transparent whitespace-nowrap text-ink-2 transition-colors hover:text-ink current:border-ink current:font-semibold current:text-ink"
            >
              {word}
              {value === 'functions' && functions != null ? (
                <span className="text-12 font-normal text-ink-3">{count(functions)}</span>
              ) : null}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
