import type { Handlers } from '../http/call.ts'
import type { EventHub } from './event-hub.ts'

/** HTML standard, 9.2.4: sent by the browser when it takes a stream up again. Anything but a number of ours is none. */
const lastEventIdOf = (header: string | string[] | undefined): bigint | undefined =>
  typeof header === 'string' && /^\d{1,18}$/.test(header) ? BigInt(header) : undefined

export const eventHandlers = (hub: EventHub): Pick<Handlers, 'GET /api/v1/events'> => ({
  'GET /api/v1/events': async ({ signedIn, scope }, request, response) => {
    const { userId, sessionHash } = signedIn
    const owner = { userId, sessionHash, scope, hearer: signedIn }
    hub.streams.requireRoom(owner)
    await hub.join(scope, lastEventIdOf(request.headers['last-event-id']), () => hub.streams.open(response, owner))
  },
})
