import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { PageHeader } from '../shell/page-header.tsx'
import { SETTINGS_SECTIONS } from '../shell/settings-sections.ts'
import { useOffered } from '../shell/use-offered.ts'

export const SettingsPage = () => {
  const path = useRouterState({ select: (state) => state.location.pathname })
  const sections = useOffered(SETTINGS_SECTIONS)
  const tabs = useRef<HTMLUListElement>(null)
  // On a phone the tabs are wider than the page. The current one is set by the path.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is what changes the current tab
  useEffect(() => {
    tabs.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [path])
  return (
    <>
      <PageHeader title="Settings" updatedAt={null} />
      <nav aria-label="Settings" className="overflow-x-auto border-b border-line px-6 max-desk:px-4">
        <ul ref={tabs} className="flex gap-6">
          {sections.map(({ to, word }) => (
            <li key={to}>
              <Link
                to={to}
                activeOptions={{ includeSearch: false }}
                className="flex h-11 items-center border-b-2 border-transparent whitespace-nowrap text-ink-2 transition-colors hover:text-ink current:border-ink current:font-semibold current:text-ink"
              >
                {word}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <Outlet />
    </>
  )
}
