import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { Handlers } from '../http/call.ts'
import { readHostHours } from './read-host-hours.ts'

export const hostHourHandlers = ({
  database,
  clock,
}: {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
}): Pick<Handlers, 'GET /api/v1/cves/:id/host-hours'> => ({
  'GET /api/v1/cves/:id/host-hours': async ({ scope, params, query }) =>
    readHostHours(database, params.id, scope, query, clock.now()),
})
