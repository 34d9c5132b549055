import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import * as z from 'zod/mini'
import { DENSITIES } from '../shell/preferences.ts'
import { HOST_SORTS } from './host-sorts.ts'
import { signedInRoute } from './signed-in.ts'

export const hostsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/hosts',
  validateSearch: z.object({
    filter: z.optional(z.catch(z.string().check(z.maxLength(1000)), '')),
    sort: z.optional(z.catch(z.enum(HOST_SORTS), 'state')),
    density: z.optional(z.catch(z.enum(DENSITIES), 'comfortable')),
  }),
  component: lazyRouteComponent(() => import('./hosts-page.tsx'), 'HostsPage'),
})
