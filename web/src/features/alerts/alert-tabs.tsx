import type { Session } from '@rebootless/shared/contract/session.ts'
import { ALERT_RESPONDERS, isAmong } from '@rebootless/shared/domain/audiences.ts'
import { Link } from '@tanstack/react-router'

const TABS = [
  { to: '/alerts', word: 'Alerts' },
  { to: '/alerts/rules', word: 'Rules' },
  { to: '/alerts/silences', word: 'Silences' },
] as const

/** Alerts, what makes them, and what keeps them quiet; silences are for those who may make them. */
export const AlertTabs = ({ session }: { session: Session | undefined }) => (
  <nav aria-label="Alerts" className="overflow-x-auto border-b border-line px-6 max-desk:px-4">
    <ul className="flex gap-6">
      {TABS.filter(({ to }) => to !== '/alerts/silences' || isAmong(session, ALERT_RESPONDERS)).map(({ to, word }) => (
        <li key={to}>
          <Link
            to={to}
            activeOptions={{ exact: true, includeSearch: false }}
            className="flex h-11 items-center border-b-2 border-transparent whitespace-nowrap text-ink-2 transition-colors hover:text-ink current:border-ink current:font-semibold current:text-ink"
          >
            {word}
          </Link>
        </li>
      ))}
    </ul>
  </nav>
)
