import * as z from 'zod'
import { AUDITORS, FLEET_ADMINS } from '../../domain/audiences.ts'
import {
  ComplianceHostList,
  ComplianceHostsQuery,
  ComplianceQuery,
  ComplianceSummary,
  ComplianceTrend,
  ComplianceTrendOfPart,
  ComplianceTrendOfPartQuery,
  ComplianceTrendQuery,
} from '../compliance.ts'
import { ComplianceGains, ComplianceGainsQuery } from '../compliance-gains.ts'
import {
  AskedException,
  ComplianceException,
  ExceptionList,
  ExceptionListQuery,
  NewException,
  SlaPolicyAnswer,
  SlaPolicyChange,
} from '../compliance-policy.ts'
import { ReasonGiven } from '../primitives.ts'
import { everyone, type RouteDefinition } from '../route.ts'

const byId = z.strictObject({ id: z.uuid() })
const of = { roles: everyone, scope: 'hosts' } as const

export const complianceRoutes = {
  'GET /api/v1/compliance': {
    summary: 'Hosts within their SLA, what is open and overdue, now or at a past moment',
    ...of,
    query: ComplianceQuery,
    response: ComplianceSummary,
    status: 200,
  },
  'GET /api/v1/compliance/hosts': {
    summary: 'Hosts behind each number, worst first',
    ...of,
    query: ComplianceHostsQuery,
    response: ComplianceHostList,
    status: 200,
  },
  'GET /api/v1/compliance/trend': {
    summary: 'How each day ended, of the whole fleet, by owner or by datacentre',
    roles: everyone,
    // Kept by the day and not by the host: a scope cannot be taken out of it afterwards.
    scope: 'whole fleet',
    query: ComplianceTrendQuery,
    response: ComplianceTrend,
    status: 200,
  },
  'GET /api/v1/compliance/trend/part': {
    summary: 'How some days ended, of the hosts of a scope and a filter; reckoned when it is asked for',
    ...of,
    query: ComplianceTrendOfPartQuery,
    response: ComplianceTrendOfPart,
    status: 200,
  },
  'GET /api/v1/compliance/gains': {
    summary: 'Reboots avoided, uptime kept and time to patch, beside what a monthly reboot would have given',
    ...of,
    query: ComplianceGainsQuery,
    response: ComplianceGains,
    status: 200,
  },
  'GET /api/v1/sla-policy': {
    summary: 'Within how many days a CVE must be fixed, and how they are counted',
    roles: everyone,
    scope: 'none',
    response: SlaPolicyAnswer,
    status: 200,
  },
  'PUT /api/v1/sla-policy': {
    summary: 'Sets the days from now on; what was counted before stays as it was',
    ...FLEET_ADMINS,
    by: 'person',
    reauthenticate: true,
    body: SlaPolicyChange,
    response: SlaPolicyAnswer,
    status: 200,
  },
  'GET /api/v1/exceptions': {
    summary: 'What is accepted until when, by whom, and what waits for an approver',
    roles: everyone,
    scope: 'none',
    query: ExceptionListQuery,
    response: ExceptionList,
    status: 200,
  },
  'POST /api/v1/exceptions': {
    summary: 'Asks that an exposure be accepted until a date',
    roles: ['operator', 'approver', 'admin'],
    scope: 'whole fleet',
    by: 'person',
    body: NewException,
    response: AskedException,
    status: 201,
  },
  'POST /api/v1/exceptions/:id/approve': {
    summary: 'Accepts it: another person than who asked',
    ...AUDITORS,
    by: 'person',
    reauthenticate: true,
    params: byId,
    response: ComplianceException,
    status: 200,
  },
  'POST /api/v1/exceptions/:id/end': {
    summary: 'Ends an exception before its date, or declines one that waits',
    roles: ['operator', 'approver', 'admin'],
    scope: 'whole fleet',
    by: 'person',
    params: byId,
    body: ReasonGiven,
    response: ComplianceException,
    status: 200,
  },
} as const satisfies Record<string, RouteDefinition>
