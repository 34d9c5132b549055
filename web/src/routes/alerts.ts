import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { oneOf, searchOf, textUpTo } from './search-words.ts'
import { signedInRoute } from './signed-in.ts'

export interface AlertsSearch {
  /** Absent: those that are open. */
  status?: 'acknowledged' | 'silenced' | 'resolved'
  severity?: 'page' | 'ticket' | 'info'
  /** Words of the host filter. */
  filter?: string
}

const alertsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/alerts',
  validateSearch: searchOf<AlertsSearch>({
    status: oneOf(['acknowledged', 'silenced', 'resolved']),
    severity: oneOf(['page', 'ticket', 'info']),
    filter: textUpTo(1000),
  }),
  component: lazyRouteComponent(() => import('./alerts-page.tsx'), 'AlertsPage'),
})

const alertRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/alerts/$id',
  component: lazyRouteComponent(() => import('./alert-page.tsx'), 'AlertPage'),
})

export const alertRoutes = [alertsRoute, alertRoute] as const
