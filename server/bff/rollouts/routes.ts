import { planOfDocument } from '@rebootless/shared/contract/rollout-file.ts'
import type { RolloutAct } from '@rebootless/shared/contract/rollouts-api.ts'
import type { rolloutRoutes } from '@rebootless/shared/contract/routes/rollouts.ts'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import type { Call, Handlers } from '../http/call.ts'
import type { FitHosts } from '../patches/fit-hosts.ts'
import { approveRollout, readApprovalTexts } from './approve.ts'
import { askAct, awaitTaken } from './ask-act.ts'
import { makeRollout, previewRollout } from './make-rollout.ts'
import { listDecisions, listHosts, listRollouts, readDetail } from './views.ts'
import { createWaveTransitions } from './wave-transition.ts'

export interface RolloutRouteOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  readonly fitHosts: FitHosts
}

type Acting = Pick<Call, 'actor' | 'requestId'> & {
  readonly signedIn: NonNullable<Call['signedIn']>
  readonly scope: HostScope
}

export const rolloutHandlers = ({
  database,
  clock,
  fitHosts,
}: RolloutRouteOptions): Pick<Handlers, keyof typeof rolloutRoutes> => {
  const waveTransitions = createWaveTransitions(database)
  const person = ({ actor, requestId, signedIn, scope }: Acting) => ({
    ...{ actor, requestId, scope, now: clock.now() },
    ...{ userId: signedIn.userId, username: signedIn.username, role: signedIn.role, via: signedIn.via },
  })
  const detail = ({ signedIn, scope }: Acting, id: string) =>
    readDetail(database, scope, id, signedIn.username, clock.now())
  const take = async (call: Acting, id: string, act: RolloutAct) => {
    await awaitTaken(database, await askAct(database, id, act, person(call)))
    return detail(call, id)
  }

  return {
    'GET /api/v1/rollouts': ({ scope, query }) => listRollouts(database, scope, query, clock.now()),
    'POST /api/v1/rollouts': async (call) =>
      detail(call, await makeRollout(database, fitHosts, call.body, person(call))),
    'POST /api/v1/rollouts/preview': ({ scope, body }) => previewRollout(database, fitHosts, body, scope, clock.now()),
    'POST /api/v1/rollouts/check': async ({ body }) => ({ plan: planOfDocument(body) }),
    'GET /api/v1/rollouts/:id': (call) => detail(call, call.params.id),
    'GET /api/v1/rollouts/:id/hosts': ({ scope, params, query }) =>
      listHosts(database, scope, params.id, query, clock.now()),
    'GET /api/v1/rollouts/:id/decisions': ({ scope, params, query }) =>
      listDecisions(database, scope, params.id, query),
    'GET /api/v1/rollouts/:id/transition': ({ scope, params, query }) =>
      waveTransitions.read(scope, params.id, query.wave ?? null, clock.now()),
    'GET /api/v1/rollouts/:id/approvals': (call) => readApprovalTexts(database, call.params.id, person(call)),
    'POST /api/v1/rollouts/:id/approve': async (call) => {
      await approveRollout(database, call.params.id, call.body.signatures, person(call))
      return readApprovalTexts(database, call.params.id, person(call))
    },
    'POST /api/v1/rollouts/:id/start': (call) => take(call, call.params.id, { kind: 'start', ...call.body }),
    'POST /api/v1/rollouts/:id/pause': (call) => take(call, call.params.id, { kind: 'pause', ...call.body }),
    'POST /api/v1/rollouts/:id/resume': (call) => take(call, call.params.id, { kind: 'resume', ...call.body }),
    'POST /api/v1/rollouts/:id/promote': (call) => take(call, call.params.id, { kind: 'promote', ...call.body }),
    'POST /api/v1/rollouts/:id/abort': (call) => take(call, call.params.id, { kind: 'abort', ...call.body }),
    'POST /api/v1/rollouts/:id/reverse': (call) => take(call, call.params.id, { kind: 'reverse', ...call.body }),
    'POST /api/v1/rollouts/:id/exclude': (call) => take(call, call.params.id, { kind: 'exclude', ...call.body }),
    'POST /api/v1/rollouts/:id/approve-gate': (call) =>
      take(call, call.params.id, { kind: 'approve gate', ...call.body }),
  }
}
