import { FleetEvent } from '../event.ts'
import { everyone, type RouteDefinition } from '../route.ts'

export const eventRoutes = {
  'GET /api/v1/events': {
    summary: 'Changes as server-sent events; resumes by Last-Event-ID',
    roles: everyone,
    scope: 'hosts',
    response: FleetEvent,
    status: 200,
    media: 'events',
  },
} as const satisfies Record<string, RouteDefinition>
