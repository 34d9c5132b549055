import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { oneOf, searchOf } from './search-words.ts'
import { signedInRoute } from './signed-in.ts'

export const APPROVAL_VIEWS = ['waiting', 'all', 'keys'] as const
export type ApprovalView = (typeof APPROVAL_VIEWS)[number]

const approvalsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/approvals',
  validateSearch: searchOf<{ view?: ApprovalView }>({ view: oneOf(APPROVAL_VIEWS) }),
  component: lazyRouteComponent(() => import('./approvals-page.tsx'), 'ApprovalsPage'),
})

const approvalRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/approvals/$id',
  component: lazyRouteComponent(() => import('./approval-page.tsx'), 'ApprovalPage'),
})

export const approvalRoutes = [approvalsRoute, approvalRoute] as const
