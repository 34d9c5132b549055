import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { searchOf, textUpTo } from './search-words.ts'
import { signedInRoute } from './signed-in.ts'

/** Each section is a page of its own below this one. */
const settingsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/settings',
  component: lazyRouteComponent(() => import('./settings-page.tsx'), 'SettingsPage'),
})

/** Everybody has an account; the other sections are not for everybody. */
const indexRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/settings/account', replace: true })
  },
})

const accountRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/account',
  component: lazyRouteComponent(() => import('./settings-account-page.tsx'), 'SettingsAccountPage'),
})

const peopleRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/people',
  /** `user`: whose dialog is open, by id, or `new`. */
  validateSearch: searchOf<{ user?: string }>({ user: textUpTo(40) }),
  component: lazyRouteComponent(() => import('./settings-people-page.tsx'), 'SettingsPeoplePage'),
})

const tokensRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/tokens',
  /** `of`: `all` for everybody's. */
  validateSearch: searchOf<{ of?: 'all' }>({ of: (value) => (value === 'all' ? 'all' : undefined) }),
  component: lazyRouteComponent(() => import('./settings-tokens-page.tsx'), 'SettingsTokensPage'),
})

const enrolmentRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/enrolment',
  component: lazyRouteComponent(() => import('./settings-enrolment-page.tsx'), 'SettingsEnrolmentPage'),
})

const singleSignOnRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/single-sign-on',
  component: lazyRouteComponent(() => import('./settings-single-sign-on-page.tsx'), 'SettingsSingleSignOnPage'),
})

const channelsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/channels',
  /** `channel`: whose dialog is open, by id, or `new`. */
  validateSearch: searchOf<{ channel?: string }>({ channel: textUpTo(40) }),
  component: lazyRouteComponent(() => import('./settings-channels-page.tsx'), 'SettingsChannelsPage'),
})

const cveFeedsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/cve-feeds',
  /** `feed`: whose dialog is open, by id, or `new`. */
  validateSearch: searchOf<{ feed?: string }>({ feed: textUpTo(40) }),
  component: lazyRouteComponent(() => import('./settings-cve-feeds-page.tsx'), 'SettingsCveFeedsPage'),
})

export const settingsRoutes = settingsRoute.addChildren([
  indexRoute,
  accountRoute,
  peopleRoute,
  tokensRoute,
  singleSignOnRoute,
  enrolmentRoute,
  channelsRoute,
  cveFeedsRoute,
])
