import * as z from 'zod'
import { DeliveryAnswer } from '../channels.ts'
import { NewPushSubscription, PushSubscription, PushSubscriptionList } from '../push-subscriptions.ts'
import { everyone, nothing, type RouteDefinition } from '../route.ts'

const byId = z.strictObject({ id: z.uuid() })
/** A person's own browsers, which are told of no more than he sees. */
const own = { roles: everyone, scope: 'none', by: 'person' } as const

export const pushSubscriptionRoutes = {
  'GET /api/v1/push-subscriptions': {
    summary: 'Your browsers that are sent notifications, and the key by which one subscribes',
    ...own,
    response: PushSubscriptionList,
    status: 200,
  },
  'POST /api/v1/push-subscriptions': {
    summary: 'Has notifications of alerts sent to this browser, or changes which',
    ...own,
    body: NewPushSubscription,
    response: PushSubscription,
    status: 201,
  },
  'DELETE /api/v1/push-subscriptions/:id': {
    summary: 'Sends a browser of yours no more notifications',
    ...own,
    params: byId,
    response: nothing,
    status: 204,
  },
  'POST /api/v1/push-subscriptions/:id/test': {
    summary: 'Sends a browser of yours a test, and tells what its push service answered',
    ...own,
    params: byId,
    response: DeliveryAnswer,
    status: 200,
  },
} as const satisfies Record<string, RouteDefinition>
