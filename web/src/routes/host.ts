import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import * as z from 'zod/mini'
import { HOST_TABS } from './host-tab.ts'
import { signedInRoute } from './signed-in.ts'

export const hostRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/hosts/$id',
  validateSearch: z.object({
    tab: z.optional(z.catch(z.enum(HOST_TABS), 'patches')),
    /** Picture or its table twin. */
    view: z.optional(z.catch(z.enum(['picture', 'table']), 'picture')),
    /** Scales of the transition's curve. */
    scale: z.optional(z.catch(z.enum(['log', 'linear']), 'log')),
    /** Functions shown: a part of a function's, an object's or a patch's name. */
    find: z.optional(z.catch(z.string().check(z.maxLength(200)), '')),
    /** The function chosen on the map: `object,name,sympos`. */
    function: z.optional(z.catch(z.string().check(z.maxLength(700)), '')),
    /** The blocking task that is open: its thread id, or `none`. */
    task: z.optional(z.catch(z.string().check(z.maxLength(20)), '')),
  }),
  component: lazyRouteComponent(() => import('./host-page.tsx'), 'HostPage'),
})
