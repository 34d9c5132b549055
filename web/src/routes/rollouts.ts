import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { newRolloutSearch, rolloutListSearch, rolloutSearch } from './rollout-search.ts'
import { signedInRoute } from './signed-in.ts'

const rolloutsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/rollouts',
  validateSearch: rolloutListSearch,
  component: lazyRouteComponent(() => import('./rollouts-page.tsx'), 'RolloutsPage'),
})

const newRolloutRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/rollouts/new',
  validateSearch: newRolloutSearch,
  component: lazyRouteComponent(() => import('./rollout-new-page.tsx'), 'RolloutNewPage'),
})

const rolloutPoliciesRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/rollouts/policies',
  component: lazyRouteComponent(() => import('./rollout-policies-page.tsx'), 'RolloutPoliciesPage'),
})

const rolloutRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/rollouts/$id',
  validateSearch: rolloutSearch,
  component: lazyRouteComponent(() => import('./rollout-page.tsx'), 'RolloutPage'),
})

export const rolloutRoutes = [rolloutsRoute, newRolloutRoute, rolloutPoliciesRoute, rolloutRoute] as const
