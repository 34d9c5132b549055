import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { EventStreams } from './event-streams.ts'
import { eventBounds, type Frame, frameOf, readEvents } from './read-events.ts'

const READ_MAX = 500
/** Frames kept in memory, so that a thousand returning pages do not each ask the database. */
const RECENT_FRAMES_MAX = 1_000
/** A page that missed more than this is quicker with fetching anew. */
const RESUME_MAX = 5_000n

/**
 * Follows the events table and passes each event on to all streams here: one read a range, however many pages follow.
 * Reads and openings run one after the other, so that no stream misses an event or gets one twice.
 */
export class EventHub {
  readonly streams = new EventStreams()
  readonly #database: Kysely<DatabaseSchema>
  readonly #clock: Clock
  readonly #log: Logger
  #position = 0n
  /** Ids behind which `#recent` is complete. */
  #recentAfter = 0n
  #recent: Frame[] = []
  #queue: Promise<void> = Promise.resolve()
  #readWaiting = false

  constructor(options: { database: Kysely<DatabaseSchema>; clock: Clock; log: Logger }) {
    this.#database = options.database
    this.#clock = options.clock
    this.#log = options.log
  }

  /** Begins behind the newest event there is. */
  async start(): Promise<void> {
    this.#position = (await eventBounds(this.#database)).newest
    this.#recentAfter = this.#position
  }

  /** Something new may be there: reads it, soon, and once for all who say so meanwhile. Never rejects. */
  wake(): Promise<void> {
    if (this.#readWaiting) return this.#queue
    this.#readWaiting = true
    return this.#enqueue(async () => {
      this.#readWaiting = false
      await this.#read()
    }).catch((error: unknown) => {
      // The next notification or the periodic look reads the same range again.
      this.#log.warn({ err: error }, 'events could not be read')
    })
  }

  /**
   * Takes a stream up behind `lastEventId`; `open` begins the answer.
   * A stream without one begins with what comes next, and learns its place from a bare `id`.
   */
  join(lastEventId: bigint | undefined, open: () => { send(text: string): void }): Promise<void> {
    return this.#enqueue(async () => {
      const missed = lastEventId === undefined ? [] : await this.#missedSince(lastEventId)
      const stream = open()
      stream.send('retry: 2000\n\n')
      if (missed === 'too much') {
        const reset = { type: 'reset', at: this.#clock.now().toISOString() } as const
        stream.send(frameOf(this.#position, reset).text)
        return
      }
      for (const frame of missed) stream.send(frame.text)
      stream.send(`id: ${this.#position}\n\n`)
    })
  }

  #enqueue<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#queue.then(work)
    this.#queue = result.then(
      () => undefined,
      () => undefined,
    )
    return result
  }

  async #read(): Promise<void> {
    for (let more = true; more; ) {
      const read = await readEvents(this.#database, this.#position, READ_MAX, this.#clock.now())
      for (const frame of read.frames) this.streams.sendAll(frame.text)
      this.#position = read.last
      this.#recent.push(...read.frames)
      const dropped = this.#recent.splice(0, Math.max(0, this.#recent.length - RECENT_FRAMES_MAX)).at(-1)
      if (dropped !== undefined) this.#recentAfter = dropped.id
      more = read.more
    }
  }

  async #missedSince(lastEventId: bigint): Promise<Frame[] | 'too much'> {
    if (lastEventId > this.#position) {
      // Another backend may have told it of events that this one has yet to read.
      await this.#read()
      if (lastEventId > this.#position) return 'too much'
    }
    if (lastEventId >= this.#recentAfter) return this.#recent.filter(({ id }) => id > lastEventId)
    const { oldest } = await eventBounds(this.#database)
    if (lastEventId + 1n < oldest || this.#position - lastEventId > RESUME_MAX) return 'too much'
    const frames: Frame[] = []
    let after = lastEventId
    while (after < this.#position) {
      const read = await readEvents(this.#database, after, READ_MAX, this.#clock.now())
      frames.push(...read.frames.filter(({ id }) => id <= this.#position))
      if (read.last === after) break
      after = read.last
    }
    return frames
  }
}
