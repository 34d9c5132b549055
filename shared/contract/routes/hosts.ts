import { HostDetail, HostList, HostListQuery, HostRaw } from '../host.ts'
import { HostRedirections } from '../host-redirections.ts'
import { HostTransition } from '../host-transition.ts'
import { HostKernelReadings } from '../kernel-readings.ts'
import { everyone, hostParams, type RouteDefinition } from '../route.ts'

export const hostRoutes = {
  'GET /api/v1/hosts': {
    summary: 'A page of hosts by filter and order',
    roles: everyone,
    scope: 'hosts',
    query: HostListQuery,
    response: HostList,
    status: 200,
  },
  'GET /api/v1/hosts/:id': {
    summary: 'Everything about one host',
    roles: everyone,
    scope: 'host',
    params: hostParams,
    response: HostDetail,
    status: 200,
  },
  'GET /api/v1/hosts/:id/raw': {
    summary: 'What the agent read, file by file',
    roles: everyone,
    scope: 'host',
    params: hostParams,
    response: HostRaw,
    status: 200,
  },
  'GET /api/v1/hosts/:id/transition': {
    summary: 'The transition that runs, or the last one: tasks, samples, phases, blocking tasks',
    roles: everyone,
    scope: 'host',
    params: hostParams,
    response: HostTransition,
    status: 200,
  },
  'GET /api/v1/hosts/:id/redirections': {
    summary: 'Functions, their replacements in stack order, and which one a call reaches',
    roles: everyone,
    scope: 'host',
    params: hostParams,
    response: HostRedirections,
    status: 200,
  },
  'GET /api/v1/hosts/:id/kernel-readings': {
    summary: 'How its kernel fares: oopses, warnings, lockups and the like of its log, pressure and load',
    roles: everyone,
    scope: 'host',
    params: hostParams,
    response: HostKernelReadings,
    status: 200,
  },
} as const satisfies Record<string, RouteDefinition>
