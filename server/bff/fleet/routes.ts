import type { Handlers } from '../http/call.ts'
import type { Fleet } from './service.ts'

export const fleetHandlers = (
  fleet: Fleet,
): Pick<Handlers, 'GET /api/v1/fleet/counts' | 'GET /api/v1/fleet/summary'> => ({
  'GET /api/v1/fleet/counts': ({ scope }) => fleet.counts(scope),
  'GET /api/v1/fleet/summary': ({ scope }) => fleet.summary(scope),
})
