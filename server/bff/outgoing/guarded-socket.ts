import { lookup as systemLookup } from 'node:dns'
import { connect, type LookupFunction, type Socket } from 'node:net'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { RequestFilteringHttpAgent } from 'request-filtering-agent'
import { blockList, familyOf, isFiltered, pinned, resolve } from './named-networks.ts'

export interface GuardedSocketOptions {
  /** As of `createGuardedFetch`. */
  readonly networks: readonly string[]
  readonly lookup?: LookupFunction
  readonly timeoutMs?: number
}

export interface Reached {
  readonly socket: Socket
  /** Every address of it is in a network that the setting names, so it may be spoken to without TLS. */
  readonly named: boolean
}
export type GuardedConnect = (host: string, port: number) => Promise<Reached>

const TIMEOUT_MS = 10_000

/**
 * T12: connections for protocols other than HTTP, to public addresses or those that OUTGOING_NETWORKS names, judged as they are
 * connected to, whatever a resolver says the next time.
 * @returns a function that throws DomainError `outgoing_refused` when we do not connect, `outgoing_failed` when nobody answered
 */
export const createGuardedConnect = (options: GuardedSocketOptions): GuardedConnect => {
  const { lookup = systemLookup as LookupFunction, timeoutMs = TIMEOUT_MS } = options
  const list = blockList(options.networks)
  const agent = new RequestFilteringHttpAgent()

  return async (host, port) => {
    const timeout = AbortSignal.timeout(timeoutMs)
    const name = host.replace(/^\[|\]$/g, '')
    try {
      const found = options.networks.length === 0 ? [] : await resolve(lookup, name, timeout)
      const named = found.length > 0 && found.every(({ address }) => list.check(address, familyOf(address)))
      const socket = named
        ? connect({ host: name, port, lookup: pinned(found) })
        : // A socket of TCP: this agent makes no other.
          (agent.createConnection({ host: name, port, lookup }) as Socket)
      await connected(socket, timeout)
      return { socket, named }
    } catch (error) {
      if (isFiltered(error)) {
        throw new DomainError(
          'outgoing_refused',
          `${host} leads to an address that is not public: name it in OUTGOING_NETWORKS to allow it.`,
          { cause: error },
        )
      }
      const detail = timeout.aborted
        ? `${host} did not answer within ${timeoutMs / 1000} seconds.`
        : `${host} could not be reached at port ${port}: check the address.`
      throw new DomainError('outgoing_failed', detail, { cause: error })
    }
  }
}

const connected = (socket: Socket, timeout: AbortSignal): Promise<void> =>
  new Promise((done, reject) => {
    const end = (error: unknown) => {
      socket.destroy()
      reject(error)
    }
    const late = () => end(timeout.reason)
    timeout.addEventListener('abort', late, { once: true })
    socket.once('error', end)
    socket.once('connect', () => {
      timeout.removeEventListener('abort', late)
      socket.removeListener('error', end)
      done()
    })
  })
