import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import {
  complianceSearch,
  cveListSearch,
  cveSearch,
  exceptionsSearch,
  rebootsSearch,
  reportsSearch,
  scopeSearch,
} from './compliance-search.ts'
import { signedInRoute } from './signed-in.ts'

const complianceRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/compliance',
  validateSearch: complianceSearch,
  component: lazyRouteComponent(() => import('./compliance-page.tsx'), 'CompliancePage'),
})

const printRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/compliance/print',
  validateSearch: scopeSearch,
  component: lazyRouteComponent(() => import('./compliance-print-page.tsx'), 'CompliancePrintPage'),
})

const cvesRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/compliance/cves',
  validateSearch: cveListSearch,
  component: lazyRouteComponent(() => import('./cves-page.tsx'), 'CvesPage'),
})

const cveRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/compliance/cves/$id',
  validateSearch: cveSearch,
  component: lazyRouteComponent(() => import('./cve-page.tsx'), 'CvePage'),
})

const exceptionsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/compliance/exceptions',
  validateSearch: exceptionsSearch,
  component: lazyRouteComponent(() => import('./exceptions-page.tsx'), 'ExceptionsPage'),
})

const rebootsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/compliance/reboots',
  validateSearch: rebootsSearch,
  component: lazyRouteComponent(() => import('./reboot-debt-page.tsx'), 'RebootDebtPage'),
})

const reportsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/compliance/reports',
  validateSearch: reportsSearch,
  component: lazyRouteComponent(() => import('./reports-page.tsx'), 'ReportsPage'),
})

const slaRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/compliance/sla',
  component: lazyRouteComponent(() => import('./sla-page.tsx'), 'SlaPage'),
})

export const complianceRoutes = [
  complianceRoute,
  printRoute,
  cvesRoute,
  cveRoute,
  exceptionsRoute,
  rebootsRoute,
  reportsRoute,
  slaRoute,
] as const
