import * as z from 'zod'
import { FLEET_ADMINS } from '../../domain/audiences.ts'
import { ReasonGiven } from '../primitives.ts'
import {
  KeptRolloutPolicy,
  PolicyName,
  RolloutPolicyList,
  RolloutPolicySet,
  RolloutPolicySpec,
} from '../rollout-policy.ts'
import { everyone, nothing, type RouteDefinition } from '../route.ts'

const byName = z.strictObject({ name: PolicyName })

export const rolloutPolicyRoutes = {
  'GET /api/v1/rollout-policies': {
    summary: 'What every rollout over some hosts must hold',
    roles: everyone,
    scope: 'none',
    response: RolloutPolicyList,
    status: 200,
  },
  'GET /api/v1/rollout-policies/:name': {
    summary: 'One policy',
    roles: everyone,
    scope: 'none',
    params: byName,
    response: KeptRolloutPolicy,
    status: 200,
  },
  'PUT /api/v1/rollout-policies/:name': {
    summary: 'Makes a policy, or changes it; rollouts that have begun go on, and are named',
    ...FLEET_ADMINS,
    params: byName,
    body: RolloutPolicySpec,
    response: RolloutPolicySet,
    status: 200,
  },
  'DELETE /api/v1/rollout-policies/:name': {
    summary: 'Takes a policy away',
    ...FLEET_ADMINS,
    params: byName,
    body: ReasonGiven,
    response: nothing,
    status: 204,
  },
} as const satisfies Record<string, RouteDefinition>
