import * as z from 'zod'
import { ExposureChange } from '../exposure-change.ts'
import { RolloutRequest } from '../rollout-requests.ts'
import { everyone, type RouteDefinition } from '../route.ts'

/** As of a preview. */
const PLAN_BYTES_MAX = 512 * 1024

export const exposureChangeRoutes = {
  'GET /api/v1/rollouts/:id/exposure-change': {
    summary: 'Which exposures a rollout has closed and opened, and which it would; each class of hosts is judged again',
    roles: everyone,
    scope: 'hosts',
    params: z.strictObject({ id: z.uuid() }),
    response: ExposureChange,
    status: 200,
  },
  'POST /api/v1/rollouts/preview/exposure-change': {
    summary: 'The same of a plan that is not kept',
    roles: everyone,
    scope: 'hosts',
    body: RolloutRequest,
    bodyBytesMax: PLAN_BYTES_MAX,
    response: ExposureChange,
    status: 200,
  },
} as const satisfies Record<string, RouteDefinition>
