import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Response } from 'express'
import type { HostScope } from '../hosts/host-scope.ts'
import { type Hearer, mayHear } from './event-audience.ts'
import type { Frame } from './read-events.ts'

/** A page needs one; a person has a few tabs, and a few machines. */
export const STREAMS_PER_SESSION = 8
export const STREAMS_PER_USER = 24
const STREAMS_MAX = 10_000
/** What a client may lag behind before it is cut: it resumes from where it was (T09). */
const UNSENT_BYTES_MAX = 1024 * 1024
/** What all may lag behind together, so that a thousand slow ones cost no more memory than this. */
export const UNSENT_BYTES_OF_ALL_MAX = 64 * 1024 * 1024

/** Whose stream it is, and which hosts it tells of. */
export interface StreamOwner {
  readonly userId: string
  readonly sessionHash: string
  readonly scope: HostScope
  readonly hearer: Hearer
}

export interface EventStream {
  readonly owner: StreamOwner
  /** Bytes that wait in memory for the client to take them. */
  unsent(): number
  /** Sends text; a client that does not read is cut. */
  send(text: string): void
  cut(): void
  end(): void
}

/** The streams that are open here. */
export class EventStreams {
  readonly #streams = new Set<EventStream>()

  get size(): number {
    return this.#streams.size
  }

  /** @throws DomainError `too_many_streams` */
  requireRoom({ sessionHash, userId }: StreamOwner): void {
    let ofSession = 0
    let ofUser = 0
    for (const { owner } of this.#streams) {
      if (owner.sessionHash === sessionHash) ofSession += 1
      if (owner.userId === userId) ofUser += 1
    }
    if (ofSession >= STREAMS_PER_SESSION || ofUser >= STREAMS_PER_USER || this.#streams.size >= STREAMS_MAX) {
      throw new DomainError('too_many_streams', 'Too many pages follow the fleet at once: close some of their tabs.')
    }
  }

  /** Begins the answer and keeps it open until either side ends it. */
  open(response: Response, owner: StreamOwner): EventStream {
    // The page went while its request waited: 'close' has been told already and would never take the stream out again.
    if (response.closed || response.destroyed) {
      return { owner, unsent: () => 0, send: () => undefined, cut: () => undefined, end: () => undefined }
    }
    this.requireRoom(owner)
    response.status(200)
    response.setHeader('Content-Type', 'text/event-stream; charset=utf-8')
    response.setHeader('Cache-Control', 'no-store')
    // nginx would otherwise hold events back (ngx_http_proxy_module, X-Accel-Buffering).
    response.setHeader('X-Accel-Buffering', 'no')
    response.flushHeaders()
    const stream: EventStream = {
      owner,
      unsent: () => response.writableLength,
      send: (text) => {
        if (response.destroyed || response.writableEnded) return
        response.write(text)
        if (response.writableLength > UNSENT_BYTES_MAX) response.destroy()
      },
      cut: () => response.destroy(),
      end: () => response.end(),
    }
    this.#streams.add(stream)
    response.once('close', () => this.#streams.delete(stream))
    return stream
  }

  sendAll(text: string): void {
    this.#send(text, () => true)
  }

  /** Tells an event that the scope may see to those of its streams that may hear it. */
  tell(scope: HostScope, { event, text }: Frame): void {
    this.#send(text, ({ owner }) => owner.scope.text === scope.text && mayHear(event, owner.hearer))
  }

  #send(text: string, isMeant: (stream: EventStream) => boolean): void {
    let unsent = 0
    for (const stream of this.#streams) {
      if (isMeant(stream)) stream.send(text)
      unsent += stream.unsent()
    }
    if (unsent > UNSENT_BYTES_OF_ALL_MAX) this.#cutSlowest(unsent)
  }

  /** The scopes of the streams that are open here, by their text. */
  scopes(): ReadonlySet<HostScope['text']> {
    return new Set([...this.#streams].map(({ owner }) => owner.scope.text))
  }

  #cutSlowest(unsent: number): void {
    const slowest = [...this.#streams].sort((left, right) => right.unsent() - left.unsent())
    let rest = unsent
    for (const stream of slowest) {
      if (rest <= UNSENT_BYTES_OF_ALL_MAX) return
      rest -= stream.unsent()
      stream.cut()
    }
  }

  sessionHashes(): string[] {
    return [...new Set([...this.#streams].map(({ owner }) => owner.sessionHash))]
  }

  /** Ends the streams of sessions that are not in `alive`. */
  endAllBut(alive: ReadonlySet<string>, among: ReadonlySet<string>): void {
    for (const stream of this.#streams) {
      const { sessionHash } = stream.owner
      if (among.has(sessionHash) && !alive.has(sessionHash)) stream.end()
    }
  }

  endSession(sessionHash: string): void {
    this.endAllBut(new Set(), new Set([sessionHash]))
  }

  endAll(): void {
    for (const stream of this.#streams) stream.end()
  }
}
