import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { PATCH_TABS, type PatchTab } from './patch-tab.ts'
import { oneOf, searchOf, textUpTo } from './search-words.ts'
import { signedInRoute } from './signed-in.ts'

export const PATCH_SORT_WORDS = ['added', '-added', 'name', '-name', 'release', '-release', 'hosts', '-hosts'] as const
export type PatchSort = (typeof PATCH_SORT_WORDS)[number]

const id = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value) ? value : undefined

const patchesRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/patches',
  validateSearch: searchOf<{ filter?: string; sort?: PatchSort }>({
    filter: textUpTo(1000),
    sort: oneOf(PATCH_SORT_WORDS),
  }),
  component: lazyRouteComponent(() => import('./patches-page.tsx'), 'PatchesPage'),
})

interface PatchSearch {
  tab?: PatchTab
  /** Functions shown: a part of a function's, an object's or a replacement's name. */
  find?: string
  /** Hosts shown: whether they can take it. */
  fits?: 'yes' | 'no' | 'unknown'
  /** Hosts shown: those with this reason. */
  reason?: string
  /** Hosts that are looked at: words of the host filter. */
  filter?: string
}

const patchRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/patches/$id',
  validateSearch: searchOf<PatchSearch>({
    tab: oneOf(PATCH_TABS),
    find: textUpTo(200),
    fits: oneOf(['yes', 'no', 'unknown']),
    reason: textUpTo(40),
    filter: textUpTo(1000),
  }),
  component: lazyRouteComponent(() => import('./patch-page.tsx'), 'PatchPage'),
})

interface CompareSearch {
  left?: string
  right?: string
  find?: string
  /** Functions that both have the same too. */
  show?: 'all'
}

const compareRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/patches/compare',
  validateSearch: searchOf<CompareSearch>({ left: id, right: id, find: textUpTo(200), show: oneOf(['all']) }),
  component: lazyRouteComponent(() => import('./patch-compare-page.tsx'), 'PatchComparePage'),
})

export const patchRoutes = [patchesRoute, compareRoute, patchRoute] as const
