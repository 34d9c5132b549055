import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { oneOf, searchOf, textUpTo } from './search-words.ts'
import { signedInRoute } from './signed-in.ts'

interface FleetSearch {
  view?: 'map' | 'table'
  /** `kernel`, `provider`, `origin`, `none`, or `label.KEY`. */
  group?: string
}

export const fleetRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/',
  validateSearch: searchOf<FleetSearch>({ view: oneOf(['map', 'table']), group: textUpTo(80) }),
  component: lazyRouteComponent(() => import('./fleet-page.tsx'), 'FleetPage'),
})
