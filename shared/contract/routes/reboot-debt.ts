import {
  RebootDays,
  RebootDaysQuery,
  RebootDebtList,
  RebootDebtQuery,
  RebootPlansChange,
  RebootPlansChanged,
} from '../reboot-debt.ts'
import { everyone, type RouteDefinition } from '../route.ts'

const acting = ['operator', 'approver', 'admin'] as const

export const rebootDebtRoutes = {
  'GET /api/v1/reboot-debt': {
    summary: 'Hosts that need a boot, why and since when, and when it is planned',
    roles: everyone,
    scope: 'hosts',
    query: RebootDebtQuery,
    response: RebootDebtList,
    status: 200,
  },
  'GET /api/v1/reboot-debt/days': {
    summary: 'Planned boots by day, and the ends of coverage',
    roles: everyone,
    scope: 'hosts',
    query: RebootDaysQuery,
    response: RebootDays,
    status: 200,
  },
  'PUT /api/v1/reboot-debt/plans': {
    summary: 'Plans the boot of hosts, or takes their plans back',
    roles: acting,
    scope: 'hosts',
    body: RebootPlansChange,
    response: RebootPlansChanged,
    status: 200,
  },
} as const satisfies Record<string, RouteDefinition>
