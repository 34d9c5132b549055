import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { ApiProblem } from '../api/api-problem.ts'
import { sessionQuery } from '../features/access/queries.ts'
import { rootRoute } from './root.ts'
import { NotFoundPage, RootProblem } from './route-problem.tsx'

/** Not part of what signing in needs; asked for at once beside the session, so that neither waits for the other. */
const loadShell = () => import('../shell/shell.tsx')

/** Every page but sign-in lies below this: it asks who is signed in, and sends away with the way back. */
export const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  beforeLoad: async ({ context, location }) => {
    void loadShell().catch(() => undefined)
    try {
      await context.queryClient.ensureQueryData(sessionQuery)
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.code !== 'not_signed_in') throw error
      throw redirect({ to: '/sign-in', search: { return: location.href } })
    }
  },
  component: lazyRouteComponent(loadShell, 'Shell'),
  errorComponent: RootProblem,
  notFoundComponent: NotFoundPage,
})
