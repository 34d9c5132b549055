import type { rebootDebtRoutes } from '@rebootless/shared/contract/routes/reboot-debt.ts'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { Handlers } from '../http/call.ts'
import { createClassCves } from './class-cves.ts'
import { listDebt } from './list-debt.ts'
import { readDays } from './plan-days.ts'
import { setPlans } from './set-plans.ts'

export const rebootDebtHandlers = ({
  database,
  clock,
}: {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
}): Pick<Handlers, keyof typeof rebootDebtRoutes> => {
  const classCves = createClassCves(database)
  return {
    'GET /api/v1/reboot-debt': ({ scope, query }) => listDebt(database, classCves, scope, query, clock.now()),
    'GET /api/v1/reboot-debt/days': ({ scope, query }) => readDays(database, scope, query, clock.now()),
    'PUT /api/v1/reboot-debt/plans': ({ actor, requestId, signedIn, scope, body }) =>
      setPlans(database, classCves, body, {
        ...{ actor, requestId, now: clock.now(), username: signedIn.username, scope },
      }),
  }
}
