import { ALERT_RULE_IDS, type AlertRuleId } from '@rebootless/shared/domain/alerts/alert-words.ts'
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

const rulesRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/alerts/rules',
  validateSearch: searchOf<{ rule?: AlertRuleId }>({ rule: oneOf(ALERT_RULE_IDS) }),
  component: lazyRouteComponent(() => import('./alert-rules-page.tsx'), 'AlertRulesPage'),
})

const silencesRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/alerts/silences',
  validateSearch: searchOf<{ ended?: 'yes' }>({ ended: oneOf(['yes']) }),
  component: lazyRouteComponent(() => import('./silences-page.tsx'), 'SilencesPage'),
})

const alertRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/alerts/$id',
  component: lazyRouteComponent(() => import('./alert-page.tsx'), 'AlertPage'),
})

export const alertRoutes = [alertsRoute, rulesRoute, silencesRoute, alertRoute] as const
