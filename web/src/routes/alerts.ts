import { ALERT_RULE_IDS, ALERT_SEVERITIES, type AlertRuleId } from '@rebootless/shared/domain/alerts/alert-words.ts'
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { AlertsAsked } from '../features/alerts/alerts-asked.ts'
import { oneOf, searchOf, textUpTo } from './search-words.ts'
import { signedInRoute } from './signed-in.ts'

const alertsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/alerts',
  validateSearch: searchOf<AlertsAsked>({
    status: oneOf(['silenced', 'pending', 'resolved']),
    severity: oneOf(ALERT_SEVERITIES),
    rule: oneOf(ALERT_RULE_IDS),
    taken: oneOf(['yes', 'no']),
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
