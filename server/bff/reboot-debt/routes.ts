import type { rebootDebtRoutes } from '@rebootless/shared/contract/routes/reboot-debt.ts'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { Reads } from '../database/replica/reads.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { Handlers } from '../http/call.ts'
import { createClassCves } from './class-cves.ts'
import { listDebt } from './list-debt.ts'
import { readDays } from './plan-days.ts'
import { setPlans } from './set-plans.ts'

export const rebootDebtHandlers = ({
  database,
  reads,
  clock,
}: {
  readonly database: Kysely<DatabaseSchema>
  readonly reads: Reads
  readonly clock: Clock
}): Pick<Handlers, keyof typeof rebootDebtRoutes> => {
  const classCves = createClassCves(database)
  const pages = (
    from: Kysely<DatabaseSchema>,
  ): Pick<Handlers, 'GET /api/v1/reboot-debt' | 'GET /api/v1/reboot-debt/days'> => {
    const known = from === database ? classCves : createClassCves(from)
    return {
      'GET /api/v1/reboot-debt': ({ scope, query }) => listDebt(from, known, scope, query, clock.now()),
      'GET /api/v1/reboot-debt/days': ({ scope, query }) => readDays(from, scope, query, clock.now()),
    }
  }
  return {
    ...reads.handlers(pages),
    'PUT /api/v1/reboot-debt/plans': ({ actor, requestId, signedIn, scope, body }) =>
      setPlans(database, classCves, body, {
        ...{ actor, requestId, now: clock.now(), username: signedIn.username, scope },
      }),
  }
}
