import * as z from 'zod'
import { ReasonGiven } from '../primitives.ts'
import { RolloutTemplate, RolloutTemplateList, RolloutTemplateRequest } from '../rollout-templates.ts'
import { everyone, nothing, type RouteDefinition } from '../route.ts'

const byId = z.strictObject({ id: z.uuid() })
const acting = ['operator', 'approver', 'admin'] as const

export const rolloutTemplateRoutes = {
  'GET /api/v1/rollout-templates': {
    summary: 'How rollouts go, by name: plans without a change and without hosts',
    roles: everyone,
    scope: 'none',
    response: RolloutTemplateList,
    status: 200,
  },
  'POST /api/v1/rollout-templates': {
    summary: 'Keeps a template',
    roles: acting,
    scope: 'none',
    body: RolloutTemplateRequest,
    response: RolloutTemplate,
    status: 201,
  },
  'PUT /api/v1/rollout-templates/:id': {
    summary: 'Writes a template anew; rollouts that were made from it stay as they are',
    roles: acting,
    scope: 'none',
    params: byId,
    body: RolloutTemplateRequest,
    response: RolloutTemplate,
    status: 200,
  },
  'DELETE /api/v1/rollout-templates/:id': {
    summary: 'Removes a template',
    roles: acting,
    scope: 'none',
    params: byId,
    body: ReasonGiven,
    response: nothing,
    status: 204,
  },
} as const satisfies Record<string, RouteDefinition>
