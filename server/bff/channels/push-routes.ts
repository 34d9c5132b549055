import type { pushSubscriptionRoutes } from '@rebootless/shared/contract/routes/push-subscriptions.ts'
import type { Call, Handlers } from '../http/call.ts'
import { testChannel } from './deliver-by-hand.ts'
import type { PushKeys } from './push-keys.ts'
import { readSubscriptions, subscribe, unsubscribe } from './push-subscriptions.ts'
import type { ChannelRouteOptions } from './routes.ts'

export const pushSubscriptionHandlers = ({
  database,
  clock,
  secrets,
  send,
  pushKeys,
}: ChannelRouteOptions & { readonly pushKeys: () => Promise<PushKeys> }): Pick<
  Handlers,
  keyof typeof pushSubscriptionRoutes
> => {
  const person = ({
    actor,
    requestId,
    signedIn,
  }: Pick<Call, 'actor' | 'requestId'> & { signedIn: { userId: string; username: string } }) => ({
    ...{ actor, requestId, now: clock.now(), userId: signedIn.userId, username: signedIn.username },
  })
  return {
    'GET /api/v1/push-subscriptions': async ({ signedIn }) => ({
      items: await readSubscriptions(database, signedIn.userId),
      publicKey: (await pushKeys()).publicKey,
    }),
    'POST /api/v1/push-subscriptions': (call) =>
      subscribe(database, secrets, call.body, person(call), `https://${call.hostName}`),
    'DELETE /api/v1/push-subscriptions/:id': async (call) => {
      await unsubscribe(database, call.params.id, person(call))
      return null
    },
    'POST /api/v1/push-subscriptions/:id/test': (call) =>
      testChannel(database, send, call.params.id, person(call), call.signedIn.userId),
  }
}
