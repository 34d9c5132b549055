import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { DENSITIES, type Density } from '../shell/preferences.ts'
import { HOST_SORTS, type HostSort } from './host-sorts.ts'
import { oneOf, searchOf, textUpTo } from './search-words.ts'
import { signedInRoute } from './signed-in.ts'

interface HostsSearch {
  filter?: string
  sort?: HostSort
  density?: Density
}

export const hostsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/hosts',
  validateSearch: searchOf<HostsSearch>({
    filter: textUpTo(1000),
    sort: oneOf(HOST_SORTS),
    density: oneOf(DENSITIES),
  }),
  component: lazyRouteComponent(() => import('./hosts-page.tsx'), 'HostsPage'),
})
