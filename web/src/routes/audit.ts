import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { searchOf, textUpTo } from './search-words.ts'
import { signedInRoute } from './signed-in.ts'

interface AuditSearch {
  filter?: string
  /** The sequence of the entry that is open. */
  entry?: string
}

export const auditRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/audit',
  validateSearch: searchOf<AuditSearch>({
    filter: textUpTo(500),
    entry: (value) => (typeof value === 'string' && /^[1-9]\d{0,14}$/.test(value) ? value : undefined),
  }),
  component: lazyRouteComponent(() => import('./audit-page.tsx'), 'AuditPage'),
})
