import type { FleetEvent } from '@rebootless/shared/contract/event.ts'
import type { RouteDefinition } from '@rebootless/shared/contract/route.ts'
import { type RouteKey, routes } from '@rebootless/shared/contract/routes.ts'
import { isFleetAdmin } from '../access/doer.ts'
import type { SignedIn } from '../http/call.ts'

/** Who follows the stream. */
export type Hearer = Pick<SignedIn, 'userId' | 'role' | 'scope' | 'via'>

/** What a page asks for when it hears of it: whoever may not ask is not told either. Hosts are EventView's to choose. */
const READ_BY: Partial<Record<FleetEvent['type'], RouteKey>> = {
  'users.changed': 'GET /api/v1/users',
  'sessions.changed': 'GET /api/v1/sessions',
  'tokens.changed': 'GET /api/v1/tokens',
  'enrolment.changed': 'GET /api/v1/enrolment-tokens',
  'policies.changed': 'GET /api/v1/rollout-policies',
  'templates.changed': 'GET /api/v1/rollout-templates',
  'channels.changed': 'GET /api/v1/channels',
  'feeds.changed': 'GET /api/v1/cve-feeds',
  'alerts.changed': 'GET /api/v1/alerts',
}

const mayRead = ({ roles, scope, by }: RouteDefinition, who: Hearer): boolean =>
  (roles === 'anyone' || roles.includes(who.role)) &&
  (scope !== 'whole fleet' || who.scope === null) &&
  (by !== 'person' || who.via === 'session')

/** Whether an event of no host is for whoever follows the stream (threat-model T06, T07). */
export const mayHear = (event: FleetEvent, who: Hearer): boolean => {
  const key = READ_BY[event.type]
  if (key === undefined) return true
  if (!mayRead(routes[key], who)) return false
  return !('userId' in event) || event.userId === who.userId || isFleetAdmin(who)
}
