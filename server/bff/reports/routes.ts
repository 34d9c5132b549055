import type { reportRoutes } from '@rebootless/shared/contract/routes/reports.ts'
import type { Clock } from '../clock.ts'
import type { Call, Handlers } from '../http/call.ts'
import type { ReportContentOptions } from './report-content.ts'
import { readReports } from './report-rows.ts'
import { changeReport, createReport, deleteReport } from './reports.ts'
import { sendNow } from './send-reports.ts'

export const reportHandlers = ({
  clock,
  ...options
}: ReportContentOptions & { readonly clock: Clock }): Pick<Handlers, keyof typeof reportRoutes> => {
  const { database } = options
  const act = ({ actor, requestId }: Pick<Call, 'actor' | 'requestId'>) => ({ actor, requestId, now: clock.now() })
  return {
    'GET /api/v1/reports': async () => ({ items: await readReports(database), asOf: clock.now().toISOString() }),
    'POST /api/v1/reports': (call) =>
      createReport(database, call.body, { ...act(call), username: call.signedIn.username }),
    'PATCH /api/v1/reports/:id': (call) => changeReport(database, call.params.id, call.body, act(call)),
    'DELETE /api/v1/reports/:id': async (call) => {
      await deleteReport(database, call.params.id, call.body.reason, act(call))
      return null
    },
    'POST /api/v1/reports/:id/send': (call) => sendNow(options, call.params.id, act(call)),
  }
}
