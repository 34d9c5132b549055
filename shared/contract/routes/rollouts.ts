import * as z from 'zod'
import { RolloutDocument } from '../rollout-file.ts'
import { RolloutApprovals, RolloutApproveBody, RolloutPlanCheck, RolloutRequest } from '../rollout-requests.ts'
import { RolloutTransitionQuery, WaveTransition } from '../rollout-transition.ts'
import {
  RolloutActBody,
  RolloutDecisionList,
  RolloutDecisionQuery,
  RolloutDetail,
  RolloutExcludeBody,
  RolloutGateBody,
  RolloutHostList,
  RolloutHostListQuery,
  RolloutList,
  RolloutListQuery,
  RolloutPreview,
  RolloutReverseBody,
} from '../rollouts-api.ts'
import { everyone, type RouteDefinition } from '../route.ts'

const byId = z.strictObject({ id: z.uuid() })
const acting = ['operator', 'approver', 'admin'] as const
/** A plan that leaves ten thousand hosts out by name is 390 KB on one line, and 500 KB where a program indents it. */
const PLAN_BYTES_MAX = 512 * 1024

const act = (summary: string) =>
  ({
    summary,
    roles: acting,
    scope: 'hosts',
    params: byId,
    body: RolloutActBody,
    response: RolloutDetail,
    status: 200,
  }) as const satisfies RouteDefinition

/** A rollout is told of only to whom all its hosts are in scope. */
export const rolloutRoutes = {
  'GET /api/v1/rollouts': {
    summary: 'Rollouts, newest first, each with why it stands where it stands',
    roles: everyone,
    scope: 'hosts',
    query: RolloutListQuery,
    response: RolloutList,
    status: 200,
  },
  'POST /api/v1/rollouts': {
    summary: 'Keeps a plan with its hosts, each in its wave; nothing begins before somebody starts it',
    roles: acting,
    scope: 'hosts',
    body: RolloutRequest,
    bodyBytesMax: PLAN_BYTES_MAX,
    response: RolloutDetail,
    status: 201,
  },
  'POST /api/v1/rollouts/preview': {
    summary: 'Who would go when; keeps nothing',
    roles: everyone,
    scope: 'hosts',
    body: RolloutRequest,
    bodyBytesMax: PLAN_BYTES_MAX,
    response: RolloutPreview,
    status: 200,
  },
  'POST /api/v1/rollouts/check': {
    summary:
      'The plan in a file, with its defaults filled in, or what of it cannot be used; looks at no host and keeps nothing',
    roles: everyone,
    scope: 'none',
    body: RolloutDocument,
    bodyBytesMax: PLAN_BYTES_MAX,
    response: RolloutPlanCheck,
    status: 200,
  },
  'GET /api/v1/rollouts/:id': {
    summary: 'One rollout: its plan, its waves, and what can be done to it now',
    roles: everyone,
    scope: 'hosts',
    params: byId,
    response: RolloutDetail,
    status: 200,
  },
  'GET /api/v1/rollouts/:id/hosts': {
    summary: 'Its hosts in the order in which they go, and what each is at',
    roles: everyone,
    scope: 'hosts',
    params: byId,
    query: RolloutHostListQuery,
    response: RolloutHostList,
    status: 200,
  },
  'GET /api/v1/rollouts/:id/decisions': {
    summary: 'Its log, newest first',
    roles: everyone,
    scope: 'hosts',
    params: byId,
    query: RolloutDecisionQuery,
    response: RolloutDecisionList,
    status: 200,
  },
  'GET /api/v1/rollouts/:id/transition': {
    summary: 'The transitions of all hosts of a wave as one: tasks left, rate, estimate, and what blocks them by cause',
    roles: everyone,
    scope: 'hosts',
    params: byId,
    query: RolloutTransitionQuery,
    response: WaveTransition,
    status: 200,
  },
  'GET /api/v1/rollouts/:id/approvals': {
    summary: 'The texts that its commands rest on, and who has signed them',
    roles: everyone,
    scope: 'hosts',
    params: byId,
    response: RolloutApprovals,
    status: 200,
  },
  'POST /api/v1/rollouts/:id/approve': {
    summary: 'An approver’s detached signatures over its texts',
    roles: ['approver'],
    scope: 'hosts',
    by: 'person',
    reauthenticate: true,
    params: byId,
    body: RolloutApproveBody,
    response: RolloutApprovals,
    status: 201,
  },
  'POST /api/v1/rollouts/:id/start': act('Starts it; it waits for its approvals'),
  'POST /api/v1/rollouts/:id/pause': act('Tells no further host; what runs ends as it will'),
  'POST /api/v1/rollouts/:id/resume': act('Goes on; what failed until now stops it no more'),
  'POST /api/v1/rollouts/:id/promote': { ...act('Past the rest of a soak and past shut gates'), by: 'person' },
  'POST /api/v1/rollouts/:id/abort': {
    ...act('Ends it where it stands; nothing is undone'),
    by: 'person',
    reauthenticate: true,
  },
  'POST /api/v1/rollouts/:id/reverse': {
    ...act('Undoes a wave and all after it, in the reverse order'),
    by: 'person',
    reauthenticate: true,
    body: RolloutReverseBody,
  },
  'POST /api/v1/rollouts/:id/exclude': { ...act('Leaves hosts out'), body: RolloutExcludeBody },
  'POST /api/v1/rollouts/:id/approve-gate': {
    ...act('Lets a wave pass a gate that asks for a person'),
    by: 'person',
    body: RolloutGateBody,
  },
} as const satisfies Record<string, RouteDefinition>
