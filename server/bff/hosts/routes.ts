import type { Handlers } from '../http/call.ts'
import type { Hosts } from './service.ts'

type HostHandlers = Pick<
  Handlers,
  | 'GET /api/v1/hosts'
  | 'GET /api/v1/hosts/:id'
  | 'GET /api/v1/hosts/:id/raw'
  | 'GET /api/v1/hosts/:id/transition'
  | 'GET /api/v1/hosts/:id/redirections'
>

export const hostHandlers = (hosts: Hosts): HostHandlers => ({
  'GET /api/v1/hosts': ({ query }) => hosts.list(query),
  'GET /api/v1/hosts/:id': ({ params }) => hosts.detail(params.id),
  'GET /api/v1/hosts/:id/raw': ({ params }) => hosts.raw(params.id),
  'GET /api/v1/hosts/:id/transition': ({ params }) => hosts.transition(params.id),
  'GET /api/v1/hosts/:id/redirections': ({ params }) => hosts.redirections(params.id),
})
