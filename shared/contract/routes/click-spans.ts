import { ClickSpan } from '../click-spans.ts'
import { everyone, nothing, type RouteDefinition } from '../route.ts'

export const clickSpanRoutes = {
  'POST /api/v1/click-spans': {
    summary: 'How long a click took until its answer was there, for the collector of traces; without one, nothing',
    roles: everyone,
    scope: 'none',
    by: 'person',
    body: ClickSpan,
    response: nothing,
    status: 204,
  },
} as const satisfies Record<string, RouteDefinition>
