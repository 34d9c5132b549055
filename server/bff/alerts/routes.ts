import type { alertRoutes } from '@rebootless/shared/contract/routes/alerts.ts'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import type { Call, Handlers } from '../http/call.ts'
import { acknowledge, writeNote } from './acknowledge.ts'
import { countAlerts, listAlerts, readAlert } from './queries.ts'
import { changeRule, listRules } from './rules.ts'
import { createSilence, endSilence, listSilences } from './silences.ts'

export interface AlertRouteOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
}

type Acting = Pick<Call, 'actor' | 'requestId'> & { readonly signedIn: NonNullable<Call['signedIn']> }

export const alertHandlers = ({ database, clock }: AlertRouteOptions): Pick<Handlers, keyof typeof alertRoutes> => {
  const person = ({ actor, requestId, signedIn }: Acting) => ({
    ...{ actor, requestId, username: signedIn.username, now: clock.now() },
  })
  const within = (call: Acting & { readonly scope: HostScope }) => ({ ...person(call), scope: call.scope })
  return {
    'GET /api/v1/alerts': ({ scope, query }) => listAlerts(database, scope, query, clock.now()),
    'GET /api/v1/alert-counts': ({ scope }) => countAlerts(database, scope, clock.now()),
    'GET /api/v1/alerts/:id': ({ scope, params }) => readAlert(database, scope, params.id, clock.now()),
    'POST /api/v1/alerts/:id/acknowledge': async (call) => {
      await acknowledge(database, call.params.id, call.body.note, within(call))
      return readAlert(database, call.scope, call.params.id, clock.now())
    },
    'POST /api/v1/alerts/:id/note': async (call) => {
      await writeNote(database, call.params.id, call.body.done, within(call))
      return readAlert(database, call.scope, call.params.id, clock.now())
    },
    'GET /api/v1/silences': async ({ query }) => ({
      items: await listSilences(database, query.ended === 'true', clock.now()),
      asOf: clock.now().toISOString(),
    }),
    'POST /api/v1/silences': (call) => createSilence(database, call.body, person(call)),
    'POST /api/v1/silences/:id/end': (call) => endSilence(database, call.params.id, call.body.reason, person(call)),
    'GET /api/v1/alert-rules': async ({ signedIn }) => ({
      items: await listRules(database, signedIn.scope === null),
      asOf: clock.now().toISOString(),
    }),
    'PATCH /api/v1/alert-rules/:id': (call) => changeRule(database, call.params.id, call.body, person(call)),
  }
}
