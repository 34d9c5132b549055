import * as z from 'zod'
import { FLEET_ADMINS } from '../../domain/audiences.ts'
import {
  Channel,
  ChannelChange,
  ChannelDelivery,
  ChannelDeliveryList,
  ChannelList,
  CreatedChannel,
  DeliveryAnswer,
  DeliveryListQuery,
  NewChannel,
  NewChannelSecret,
} from '../channels.ts'
import { ReasonGiven } from '../primitives.ts'
import { nothing, type RouteDefinition } from '../route.ts'

const byId = z.strictObject({ id: z.uuid() })
/** Where events go, and by which secret, is a person's to say. */
const byPerson = { ...FLEET_ADMINS, by: 'person' } as const

export const channelRoutes = {
  'GET /api/v1/channels': {
    summary: 'Where events are sent, and how that goes',
    ...FLEET_ADMINS,
    response: ChannelList,
    status: 200,
  },
  'POST /api/v1/channels': {
    summary: 'A channel for events; the secret that its messages are signed with is shown this once',
    ...byPerson,
    reauthenticate: true,
    body: NewChannel,
    response: CreatedChannel,
    status: 201,
  },
  'PATCH /api/v1/channels/:id': {
    summary: 'Changes a channel, or turns it on or off',
    ...byPerson,
    reauthenticate: true,
    params: byId,
    body: ChannelChange,
    response: Channel,
    status: 200,
  },
  'DELETE /api/v1/channels/:id': {
    summary: 'Deletes a channel with its deliveries',
    ...byPerson,
    params: byId,
    body: ReasonGiven,
    response: nothing,
    status: 204,
  },
  'POST /api/v1/channels/:id/secret': {
    summary: 'Another secret for a webhook; for a day the one before signs too',
    ...byPerson,
    reauthenticate: true,
    params: byId,
    body: ReasonGiven,
    response: NewChannelSecret,
    status: 201,
  },
  'POST /api/v1/channels/:id/test': {
    summary: 'Sends a test event at once, and tells what was answered',
    ...byPerson,
    params: byId,
    response: DeliveryAnswer,
    status: 200,
  },
  'GET /api/v1/channels/:id/deliveries': {
    summary: 'What was sent, what waits, and what was given up, newest first',
    ...FLEET_ADMINS,
    params: byId,
    query: DeliveryListQuery,
    response: ChannelDeliveryList,
    status: 200,
  },
  'POST /api/v1/channel-deliveries/:id/send-again': {
    summary: 'Sends again what was given up, under the same id',
    ...byPerson,
    params: byId,
    response: ChannelDelivery,
    status: 200,
  },
} as const satisfies Record<string, RouteDefinition>
