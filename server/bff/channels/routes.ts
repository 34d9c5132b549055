import type { channelRoutes } from '@rebootless/shared/contract/routes/channels.ts'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { Call, Handlers } from '../http/call.ts'
import type { SecretBox } from '../secrets/secret-box.ts'
import { readChannels, readDeliveries } from './channel-rows.ts'
import { changeChannel, changeSecret, createChannel, deleteChannel } from './channels.ts'
import { sendAgain, testChannel } from './deliver-by-hand.ts'
import type { SendMessage } from './send-message.ts'

export interface ChannelRouteOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  readonly secrets: SecretBox
  readonly send: SendMessage
}

export const channelHandlers = ({
  database,
  clock,
  secrets,
  send,
}: ChannelRouteOptions): Pick<Handlers, keyof typeof channelRoutes> => {
  const person = ({
    actor,
    requestId,
    signedIn,
  }: Pick<Call, 'actor' | 'requestId'> & { signedIn: { username: string } }) => ({
    ...{ actor, requestId, now: clock.now(), username: signedIn.username },
  })
  return {
    'GET /api/v1/channels': async () => ({
      items: await readChannels(database),
      asOf: clock.now().toISOString(),
    }),
    'POST /api/v1/channels': (call) => createChannel(database, secrets, call.body, person(call)),
    'PATCH /api/v1/channels/:id': (call) => changeChannel(database, secrets, call.params.id, call.body, person(call)),
    'DELETE /api/v1/channels/:id': async (call) => {
      await deleteChannel(database, call.params.id, call.body.reason, person(call))
      return null
    },
    'POST /api/v1/channels/:id/secret': (call) =>
      changeSecret(database, secrets, call.params.id, call.body.reason, person(call)),
    'POST /api/v1/channels/:id/test': (call) => testChannel(database, send, call.params.id, person(call)),
    'GET /api/v1/channels/:id/deliveries': ({ params, query }) => readDeliveries(database, params.id, query),
    'POST /api/v1/channel-deliveries/:id/send-again': (call) => sendAgain(database, call.params.id, person(call)),
  }
}
