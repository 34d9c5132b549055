import * as z from 'zod'
import { FleetEvent } from '../event.ts'
import { EventId } from '../primitives.ts'
import { everyone, type RouteDefinition } from '../route.ts'

export const eventRoutes = {
  'GET /api/v1/events': {
    summary: 'Changes as server-sent events; resumes by Last-Event-ID',
    roles: everyone,
    scope: 'hosts',
    /** For the first time, when the browser has no Last-Event-ID yet: what the session's answer said. */
    query: z.strictObject({ lastEventId: EventId.optional() }),
    response: FleetEvent,
    status: 200,
    media: 'events',
  },
} as const satisfies Record<string, RouteDefinition>
