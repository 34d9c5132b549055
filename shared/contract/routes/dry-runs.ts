import * as z from 'zod'
import { DryRun, DryRunRequest } from '../dry-run.ts'
import { everyone, type RouteDefinition } from '../route.ts'

/** As of the plan that is run through. */
const PLAN_BYTES_MAX = 512 * 1024
const byId = z.strictObject({ id: z.uuid() })

/** A dry run changes no host and keeps nothing: whoever may look at a preview may ask for one. */
export const dryRunRoutes = {
  'POST /api/v1/rollouts/dry-run': {
    summary: 'Runs a plan through on simulated machines that are like its hosts; changes no host and keeps nothing',
    roles: everyone,
    scope: 'hosts',
    body: DryRunRequest,
    bodyBytesMax: PLAN_BYTES_MAX,
    response: DryRun,
    status: 202,
  },
  'GET /api/v1/rollouts/dry-run/:id': {
    summary: 'How a dry run stands, and what came of it; for who asked for it',
    roles: everyone,
    scope: 'hosts',
    params: byId,
    response: DryRun,
    status: 200,
  },
  'DELETE /api/v1/rollouts/dry-run/:id': {
    summary: 'Ends a dry run',
    roles: everyone,
    scope: 'hosts',
    params: byId,
    response: DryRun,
    status: 200,
  },
} as const satisfies Record<string, RouteDefinition>
