import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from './root.ts'

/** Where the identity provider's window ends after a proof: the page that asked for it goes on by itself. */
export const provenRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/proven',
  component: lazyRouteComponent(() => import('./proven-page.tsx'), 'ProvenPage'),
})
