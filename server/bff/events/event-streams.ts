import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Response } from 'express'

/** A page needs one; a person has a few tabs. */
export const STREAMS_PER_SESSION = 8
const STREAMS_MAX = 10_000
/** What a client may lag behind before it is cut: it resumes from where it was (T09). */
const UNSENT_BYTES_MAX = 1024 * 1024

export interface EventStream {
  readonly sessionHash: string
  /** Sends text; a client that does not read is cut. */
  send(text: string): void
  end(): void
}

/** The streams that are open here. */
export class EventStreams {
  readonly #streams = new Set<EventStream>()

  get size(): number {
    return this.#streams.size
  }

  /** @throws DomainError `too_many_streams` */
  requireRoom(sessionHash: string): void {
    const own = [...this.#streams].filter((stream) => stream.sessionHash === sessionHash).length
    if (own >= STREAMS_PER_SESSION || this.#streams.size >= STREAMS_MAX) {
      throw new DomainError('too_many_streams', 'Too many pages follow the fleet at once: close some of their tabs.')
    }
  }

  /** Begins the answer and keeps it open until either side ends it. */
  open(response: Response, sessionHash: string): EventStream {
    // The page went while its request waited: 'close' has been told already and would never take the stream out again.
    if (response.closed || response.destroyed) return { sessionHash, send: () => undefined, end: () => undefined }
    this.requireRoom(sessionHash)
    response.status(200)
    response.setHeader('Content-Type', 'text/event-stream; charset=utf-8')
    response.setHeader('Cache-Control', 'no-store')
    // nginx would otherwise hold events back (ngx_http_proxy_module, X-Accel-Buffering).
    response.setHeader('X-Accel-Buffering', 'no')
    response.flushHeaders()
    const stream: EventStream = {
      sessionHash,
      send: (text) => {
        if (response.destroyed || response.writableEnded) return
        response.write(text)
        if (response.writableLength > UNSENT_BYTES_MAX) response.destroy()
      },
      end: () => response.end(),
    }
    this.#streams.add(stream)
    response.once('close', () => this.#streams.delete(stream))
    return stream
  }

  sendAll(text: string): void {
    for (const stream of this.#streams) stream.send(text)
  }

  sessionHashes(): string[] {
    return [...new Set([...this.#streams].map(({ sessionHash }) => sessionHash))]
  }

  /** Ends the streams of sessions that are not in `alive`. */
  endAllBut(alive: ReadonlySet<string>, among: ReadonlySet<string>): void {
    for (const stream of this.#streams) {
      if (among.has(stream.sessionHash) && !alive.has(stream.sessionHash)) stream.end()
    }
  }

  endSession(sessionHash: string): void {
    this.endAllBut(new Set(), new Set([sessionHash]))
  }

  endAll(): void {
    for (const stream of this.#streams) stream.end()
  }
}
