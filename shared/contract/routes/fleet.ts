import { FleetCounts, FleetSummary } from '../fleet.ts'
import { everyone, type RouteDefinition } from '../route.ts'

export const fleetRoutes = {
  'GET /api/v1/fleet/counts': {
    summary: 'Hosts by state, origin, provider and kernel',
    roles: everyone,
    scope: 'hosts',
    response: FleetCounts,
    status: 200,
  },
  'GET /api/v1/fleet/summary': {
    summary: 'Counts by state, provider and kernel; what needs someone; transitions under way',
    roles: everyone,
    scope: 'hosts',
    response: FleetSummary,
    status: 200,
  },
} as const satisfies Record<string, RouteDefinition>
