import * as z from 'zod'
import { FLEET_ADMINS } from '../../domain/audiences.ts'
import { ReasonGiven } from '../primitives.ts'
import { NewReport, Report, ReportChange, ReportList } from '../reports.ts'
import { nothing, type RouteDefinition } from '../route.ts'

const byId = z.strictObject({ id: z.uuid() })
/** What leaves this server, and where to, is a person's to say, as of channels. */
const byPerson = { ...FLEET_ADMINS, by: 'person' } as const

export const reportRoutes = {
  'GET /api/v1/reports': {
    summary: 'Scheduled reports of compliance, when each is due, and what became of the last',
    ...FLEET_ADMINS,
    response: ReportList,
    status: 200,
  },
  'POST /api/v1/reports': {
    summary: 'A report of compliance, sent to a channel once a week or month',
    ...byPerson,
    body: NewReport,
    response: Report,
    status: 201,
  },
  'PATCH /api/v1/reports/:id': {
    summary: 'Changes a report, or turns it on or off',
    ...byPerson,
    params: byId,
    body: ReportChange,
    response: Report,
    status: 200,
  },
  'DELETE /api/v1/reports/:id': {
    summary: 'Deletes a report',
    ...byPerson,
    params: byId,
    body: ReasonGiven,
    response: nothing,
    status: 204,
  },
  'POST /api/v1/reports/:id/send': {
    summary: 'Sends a report now, beside its schedule',
    ...byPerson,
    params: byId,
    response: Report,
    status: 200,
  },
} as const satisfies Record<string, RouteDefinition>
