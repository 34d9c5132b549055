import * as z from 'zod'
import {
  CveDetail,
  CveDetailQuery,
  CveHostList,
  CveHostsQuery,
  CveList,
  CveListQuery,
  HostExposureList,
  HostExposureQuery,
} from '../cves.ts'
import { HostHours, HostHoursQuery } from '../host-hours.ts'
import { CveId } from '../provider.ts'
import { everyone, hostParams, type RouteDefinition } from '../route.ts'

const byCve = z.strictObject({ id: CveId })

export const cveRoutes = {
  'GET /api/v1/cves': {
    summary: 'CVEs with what they are to how many hosts, now or at a past moment',
    roles: everyone,
    scope: 'hosts',
    query: CveListQuery,
    response: CveList,
    status: 200,
  },
  'GET /api/v1/cves/:id': {
    summary: 'All that is known of one CVE, with whose word it is, and the livepatches that fix it',
    roles: everyone,
    scope: 'hosts',
    params: byCve,
    query: CveDetailQuery,
    response: CveDetail,
    status: 200,
  },
  'GET /api/v1/cves/:id/hosts': {
    summary: 'Hosts with what a CVE is to each, by which rule, and from what the agent read',
    roles: everyone,
    scope: 'hosts',
    params: byCve,
    query: CveHostsQuery,
    response: CveHostList,
    status: 200,
  },
  'GET /api/v1/cves/:id/host-hours': {
    summary:
      'Hours in which hosts were exposed to a CVE, by stage from disclosure to the end of transition, and gaps of upgrades',
    roles: everyone,
    scope: 'hosts',
    params: byCve,
    query: HostHoursQuery,
    response: HostHours,
    status: 200,
  },
  'GET /api/v1/hosts/:id/exposure': {
    summary: 'CVEs with what each is to a host, and why',
    roles: everyone,
    scope: 'host',
    params: hostParams,
    query: HostExposureQuery,
    response: HostExposureList,
    status: 200,
  },
} as const satisfies Record<string, RouteDefinition>
