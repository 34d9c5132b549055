import type { QueryClient } from '@tanstack/react-query'
import { createRouter, parseSearchWith, stringifySearchWith } from '@tanstack/react-router'
import { alertRoutes } from './routes/alerts.ts'
import { approvalRoutes } from './routes/approvals.ts'
import { auditRoute } from './routes/audit.ts'
import { complianceRoutes } from './routes/compliance.ts'
import { fleetRoute } from './routes/fleet.ts'
import { hostRoute } from './routes/host.ts'
import { hostsRoute } from './routes/hosts.ts'
import { labRoute } from './routes/lab.ts'
import { patchRoutes } from './routes/patches.ts'
import { provenRoute } from './routes/proven.ts'
import { rolloutRoutes } from './routes/rollouts.ts'
import { rootRoute } from './routes/root.ts'
import { settingsRoutes } from './routes/settings.ts'
import { signInRoute } from './routes/sign-in.ts'
import { signedInRoute } from './routes/signed-in.ts'

const routeTree = rootRoute.addChildren([
  signInRoute,
  provenRoute,
  signedInRoute.addChildren([
    fleetRoute,
    hostsRoute,
    hostRoute,
    labRoute,
    auditRoute,
    ...approvalRoutes,
    ...patchRoutes,
    ...rolloutRoutes,
    ...complianceRoutes,
    ...alertRoutes,
    settingsRoutes,
  ]),
])

/** Search values are plain words in our addresses, never JSON: `?filter=state:stalled`. */
const plainSearch = {
  parseSearch: parseSearchWith((value) => value),
  stringifySearch: stringifySearchWith((value) => String(value)),
}

export const createAppRouter = (queryClient: QueryClient) =>
  createRouter({
    routeTree,
    context: { queryClient },
    scrollRestoration: true,
    defaultPendingMs: 150,
    defaultPendingMinMs: 0,
    ...plainSearch,
  })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
