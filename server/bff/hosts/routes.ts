import type { Handlers } from '../http/call.ts'
import type { Hosts } from './service.ts'

type HostHandlers = Pick<
  Handlers,
  | 'GET /api/v1/hosts'
  | 'GET /api/v1/hosts/:id'
  | 'GET /api/v1/hosts/:id/raw'
  | 'GET /api/v1/hosts/:id/transition'
  | 'GET /api/v1/hosts/:id/redirections'
  | 'GET /api/v1/hosts/:id/kernel-readings'
>

export const hostHandlers = (hosts: Hosts): HostHandlers => ({
  'GET /api/v1/hosts': ({ scope, query }) => hosts.list(scope, query),
  'GET /api/v1/hosts/:id': ({ scope, params }) => hosts.detail(scope, params.id),
  'GET /api/v1/hosts/:id/raw': ({ scope, params }) => hosts.raw(scope, params.id),
  'GET /api/v1/hosts/:id/transition': ({ scope, params }) => hosts.transition(scope, params.id),
  'GET /api/v1/hosts/:id/redirections': ({ scope, params }) => hosts.redirections(scope, params.id),
  'GET /api/v1/hosts/:id/kernel-readings': ({ scope, params }) => hosts.kernelReadings(scope, params.id),
})
