import { EXPOSURES } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { HOST_TABS, type HostTab } from './host-tab.ts'
import { oneOf, searchOf, textUpTo } from './search-words.ts'
import { signedInRoute } from './signed-in.ts'

export interface HostSearch {
  tab?: HostTab
  /** Picture or its table twin. */
  view?: 'picture' | 'table'
  /** Scales of the transition's curve. */
  scale?: 'log' | 'linear'
  /** Functions shown: a part of a function's, an object's or a patch's name; CVEs shown: of an id or a title. */
  find?: string
  /** The function chosen on the map: `object,name,sympos`. */
  function?: string
  /** CVEs shown: those that are this to the host. */
  status?: (typeof EXPOSURES)[number]
  /** The blocking task that is open: its thread id, or `none`. */
  task?: string
}

export const hostRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/hosts/$id',
  validateSearch: searchOf<HostSearch>({
    tab: oneOf(HOST_TABS),
    view: oneOf(['picture', 'table']),
    scale: oneOf(['log', 'linear']),
    find: textUpTo(200),
    function: textUpTo(700),
    status: oneOf(EXPOSURES),
    task: textUpTo(20),
  }),
  component: lazyRouteComponent(() => import('./host-page.tsx'), 'HostPage'),
})
