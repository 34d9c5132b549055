import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from './root.ts'
import { oneOf, searchOf, textUpTo } from './search-words.ts'

interface SignInSearch {
  return?: string
  /** Why the identity provider's answer let nobody in: a problem's code. */
  refused?: string
  /** A session ended under somebody's hands. */
  ended?: 'yes'
}

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: searchOf<SignInSearch>({
    return: textUpTo(2000),
    refused: textUpTo(40),
    ended: oneOf(['yes']),
  }),
  component: lazyRouteComponent(() => import('./sign-in-page.tsx'), 'SignInPage'),
})
