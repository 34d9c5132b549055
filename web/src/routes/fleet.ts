import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import * as z from 'zod/mini'
import { signedInRoute } from './signed-in.ts'

export const FLEET_GROUPS = ['kernel', 'provider', 'origin', 'none'] as const

export const fleetRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/',
  validateSearch: z.object({
    view: z.optional(z.catch(z.enum(['map', 'table']), 'map')),
    /** One of FLEET_GROUPS, or `label.KEY`. */
    group: z.optional(z.catch(z.string().check(z.maxLength(80)), 'kernel')),
  }),
  component: lazyRouteComponent(() => import('./fleet-page.tsx'), 'FleetPage'),
})
