import { EventId } from '@rebootless/shared/contract/primitives.ts'
import type { Handlers } from '../http/call.ts'
import type { EventHub } from './event-hub.ts'

/** HTML standard, 9.2.4: sent by the browser when it takes a stream up again. Anything but a number of ours is none. */
const lastEventIdOf = (header: string | string[] | undefined, asked: string | undefined): bigint | undefined => {
  const id = EventId.safeParse(header).data ?? asked
  return id === undefined ? undefined : BigInt(id)
}

export const eventHandlers = (hub: EventHub): Pick<Handlers, 'GET /api/v1/events'> => ({
  'GET /api/v1/events': async ({ signedIn, scope, query }, request, response) => {
    const { userId, sessionHash } = signedIn
    const owner = { userId, sessionHash, scope, hearer: signedIn }
    hub.streams.requireRoom(owner)
    await hub.join(scope, lastEventIdOf(request.headers['last-event-id'], query.lastEventId), () =>
      hub.streams.open(response, owner),
    )
  },
})
