import type { complianceRoutes } from '@rebootless/shared/contract/routes/compliance.ts'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { Call, Handlers, SignedIn } from '../http/call.ts'
import { approveException, endException, listExceptions, type Person, requestException } from './exception-rows.ts'
import { readPolicy, setPolicy } from './policy-rows.ts'
import type { Compliance } from './service.ts'

export const complianceHandlers = ({
  database,
  clock,
  compliance,
}: {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  readonly compliance: Compliance
}): Pick<Handlers, keyof typeof complianceRoutes> => {
  const person = ({
    actor,
    requestId,
    signedIn,
  }: Pick<Call, 'actor' | 'requestId'> & { signedIn: SignedIn }): Person => ({
    ...{
      actor,
      requestId,
      now: clock.now(),
      username: signedIn.username,
      userId: signedIn.userId,
      role: signedIn.role,
    },
  })
  /** What people set counts in the next judgement, which begins now. */
  const thenWake = async <T>(act: Promise<T>): Promise<T> => {
    const done = await act
    compliance.wake()
    return done
  }
  return {
    'GET /api/v1/compliance': ({ scope, query }) => compliance.summary(scope, query),
    'GET /api/v1/compliance/hosts': ({ scope, query }) => compliance.hosts(scope, query),
    'GET /api/v1/compliance/trend': ({ query }) => compliance.trend(query),
    'GET /api/v1/compliance/trend/part': ({ scope, query }) => compliance.trendOfPart(scope, query),
    'GET /api/v1/compliance/gains': ({ scope, query }) => compliance.gains(scope, query),
    'GET /api/v1/sla-policy': () => readPolicy(database),
    'PUT /api/v1/sla-policy': (call) => thenWake(setPolicy(database, call.body, person(call))),
    'GET /api/v1/exceptions': async ({ query }) => {
      const now = clock.now()
      return { items: await listExceptions(database, query, now), asOf: now.toISOString() }
    },
    'POST /api/v1/exceptions': (call) => requestException(database, call.body, person(call)),
    'POST /api/v1/exceptions/:id/approve': (call) => thenWake(approveException(database, call.params.id, person(call))),
    'POST /api/v1/exceptions/:id/end': (call) =>
      thenWake(endException(database, call.params.id, call.body.reason, person(call))),
  }
}
