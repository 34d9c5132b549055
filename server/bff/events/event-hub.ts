import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { type HostScope, WHOLE_FLEET } from '../hosts/host-scope.ts'
import { mayHear } from './event-audience.ts'
import { type EventStream, EventStreams } from './event-streams.ts'
import { EventView } from './event-view.ts'
import { eventBounds, type Frame, frameOf, readEvents } from './read-events.ts'

const READ_MAX = 500
/** A page that missed more than this is quicker with fetching anew. */
const RESUME_MAX = 5_000n
/** How long the view of a scope outlives its last stream, so that a page that reconnects finds its place. */
const VIEW_KEPT_MS = 5 * 60_000

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
  /** By the text of their scopes. */
  readonly #views = new Map<HostScope['text'], { view: EventView; usedAt: number }>()
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
    await this.#viewOf(WHOLE_FLEET)
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
   * Takes a stream of a scope up behind `lastEventId`; `open` begins the answer.
   * A stream without one begins with what comes next, and learns its place from a bare `id`.
   */
  join(
    scope: HostScope,
    lastEventId: bigint | undefined,
    open: () => Pick<EventStream, 'owner' | 'send'>,
  ): Promise<void> {
    return this.#enqueue(async () => {
      const view = await this.#viewOf(scope)
      const missed = lastEventId === undefined ? [] : await this.#missedSince(view, lastEventId)
      const stream = open()
      stream.send('retry: 2000\n\n')
      if (missed === 'too much') {
        const reset = { type: 'reset', at: this.#clock.now().toISOString() } as const
        stream.send(frameOf(this.#position, reset, null).text)
        return
      }
      for (const { event, text } of missed) if (mayHear(event, stream.owner.hearer)) stream.send(text)
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
      const read = await this.#readBehind(this.#position)
      this.#dropUnused()
      // All views choose before any is told, so that one that fails is told the whole range when it is read again.
      const chosen = await Promise.all(
        [...this.#views.values()].map(async ({ view }) => ({ view, told: await view.choose(read.frames) })),
      )
      for (const { view, told } of chosen) {
        view.tell(told)
        for (const frame of told.frames) this.streams.tell(view.scope, frame)
      }
      this.#position = read.last
      more = read.more
    }
  }

  #readBehind(after: bigint): ReturnType<typeof readEvents> {
    return readEvents(this.#database, after, READ_MAX, this.#clock.now(), (broken) =>
      this.#log.warn(broken, 'a row breaks the contract: pages are not told of its change'),
    )
  }

  async #viewOf(scope: HostScope): Promise<EventView> {
    const kept = this.#views.get(scope.text)
    if (kept !== undefined) {
      kept.usedAt = this.#clock.now().getTime()
      return kept.view
    }
    if (scope.text !== null) await this.#read()
    const view = await EventView.open(this.#database, scope, this.#position)
    this.#views.set(scope.text, { view, usedAt: this.#clock.now().getTime() })
    return view
  }

  #dropUnused(): void {
    const now = this.#clock.now().getTime()
    const inUse = this.streams.scopes()
    for (const [text, entry] of this.#views) {
      if (text === null || inUse.has(text)) entry.usedAt = now
      else if (now - entry.usedAt > VIEW_KEPT_MS) this.#views.delete(text)
    }
  }

  async #missedSince(view: EventView, lastEventId: bigint): Promise<readonly Frame[] | 'too much'> {
    if (lastEventId > this.#position) {
      // Another backend may have told it of events that this one has yet to read.
      await this.#read()
      if (lastEventId > this.#position) return 'too much'
    }
    const recent = view.since(lastEventId)
    if (recent !== undefined) return recent
    // What a scope held at some time past is not known: its pages begin anew.
    if (view.scope.text !== null) return 'too much'
    const { oldest } = await eventBounds(this.#database)
    if (lastEventId + 1n < oldest || this.#position - lastEventId > RESUME_MAX) return 'too much'
    const frames: Frame[] = []
    let after = lastEventId
    while (after < this.#position) {
      const read = await this.#readBehind(after)
      frames.push(...read.frames.filter(({ id }) => id <= this.#position))
      if (read.last === after) break
      after = read.last
    }
    return frames
  }
}
