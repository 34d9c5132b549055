import type { rolloutPolicyRoutes } from '@rebootless/shared/contract/routes/rollout-policies.ts'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { Call, Handlers } from '../http/call.ts'
import { deletePolicy, listPolicies, readPolicy, setPolicy } from './policies.ts'

export interface PolicyRouteOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
}

type Acting = Pick<Call, 'actor' | 'requestId'> & { readonly signedIn: NonNullable<Call['signedIn']> }

export const rolloutPolicyHandlers = ({
  database,
  clock,
}: PolicyRouteOptions): Pick<Handlers, keyof typeof rolloutPolicyRoutes> => {
  const admin = ({ actor, requestId, signedIn }: Acting) => ({
    ...{ actor, requestId, username: signedIn.username, now: clock.now() },
  })
  return {
    'GET /api/v1/rollout-policies': async () => ({ items: await listPolicies(database) }),
    'GET /api/v1/rollout-policies/:name': ({ params }) => readPolicy(database, params.name),
    'PUT /api/v1/rollout-policies/:name': (call) => setPolicy(database, call.params.name, call.body, admin(call)),
    'DELETE /api/v1/rollout-policies/:name': async (call) => {
      await deletePolicy(database, call.params.name, call.body.reason, admin(call))
      return null
    },
  }
}
