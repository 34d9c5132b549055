import { Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'

const TABS = [
  { to: '/compliance', word: 'Summary' },
  { to: '/compliance/cves', word: 'CVEs' },
  { to: '/compliance/exceptions', word: 'Exceptions' },
  { to: '/compliance/reboots', word: 'Reboots' },
  { to: '/compliance/reports', word: 'Reports' },
  { to: '/compliance/sla', word: 'SLA policy' },
] as const
export type ComplianceTab = (typeof TABS)[number]['to']

/** Compliance in its parts; the day and the hosts that are looked at go along to those that have them. */
export const ComplianceTabs = ({
  tab,
  at,
  filter,
}: {
  tab: ComplianceTab
  at?: string | undefined
  filter?: string | undefined
}) => {
  const tabs = useRef<HTMLUListElement>(null)
  const scope = { ...(at === undefined ? {} : { at }), ...(filter ? { filter } : {}) }
  // On a phone they are wider than the page.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tab is what changes which is the current one
  useEffect(() => {
    tabs.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [tab])
  return (
    <nav aria-label="Compliance" className="overflow-x-auto border-b border-line px-6 max-desk:px-4">
      <ul ref={tabs} className="flex gap-6">
        {TABS.map(({ to, word }) => (
          <li key={to}>
            <Link
              to={to}
              search={to === '/compliance' || to === '/compliance/cves' ? scope : {}}
              activeProps={{}}
              activeOptions={{ exact: true, includeSearch: false }}
              aria-current={to === tab ? 'page' : undefined}
              className="flex h-11 items-center border-b-2 border-transparent whitespace-nowrap text-ink-2 transition-colors hover:text-ink current:border-ink current:font-semibold current:text-ink"
            >
              {word}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
