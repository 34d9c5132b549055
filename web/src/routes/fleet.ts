import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import * as z from 'zod/mini'
import { signedInRoute } from './signed-in.ts'

export const fleetRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/',
  validateSearch: z.object({
    view: z.optional(z.catch(z.enum(['map', 'table']), 'map')),
    /** `kernel`, `provider`, `origin`, `none`, or `label.KEY`. */
    group: z.optional(z.catch(z.string().check(z.maxLength(80)), 'kernel')),
  }),
  component: lazyRouteComponent(() => import('./fleet-page.tsx'), 'FleetPage'),
})
