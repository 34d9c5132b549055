import type { Page } from '@playwright/test'
import { openBenchDatabase } from '@rebootless/server/bench/bench-database.ts'
import type { ProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'

/** What a page's own event streams were told, by the browser. */
export interface PageEvents {
  /** Addresses of the streams that the page opened: more than one when the browser gave one up. */
  readonly opened: readonly string[]
  /** How often one was open: the browser's own resumptions too. */
  readonly times: number
  readonly told: readonly ToldEvent[]
}

interface ToldEvent {
  /** By Last-Event-ID. */
  readonly id: string
  readonly type: string
  /** The host, person or rollout; null: none. */
  readonly of: string | null
  /** Of a host. */
  readonly revision: number | null
}

/** Before any script of the page: its EventSource is the browser's, and notes what comes. */
export const NOTE_EVENTS = `(() => {
  const noted = (window.rebootlessEvents = { opened: [], times: 0, told: [] })
  window.EventSource = class extends window.EventSource {
    constructor(url, options) {
      super(url, options)
      noted.opened.push(String(url))
      this.addEventListener('open', () => { noted.times += 1 })
      this.addEventListener('message', ({ lastEventId: id, data }) => {
        const { type, host, hostId, userId, rolloutId } = JSON.parse(data)
        const of = host?.id ?? hostId ?? userId ?? rolloutId ?? null
        noted.told.push({ id, type, of, revision: host?.revision ?? null })
      })
    }
  }
})()`

export const eventsOf = (page: Page) => page.evaluate('window.rebootlessEvents') as Promise<PageEvents>

/** The events of the database, oldest first. */
export const storedEvents = async (program: ProgramUnderTest) => {
  const { kysely, close } = await openBenchDatabase(program)
  try {
    const query = kysely.selectFrom('events').select(['id', 'type', 'host_id', 'user_id', 'rollout_id']).orderBy('id')
    const rows = await query.execute()
    return rows.map(({ id, type, host_id, user_id, rollout_id }) => ({
      ...{ id, type: type as string, of: host_id ?? user_id ?? rollout_id },
    }))
  } finally {
    await close()
  }
}

type StoredEvent = Awaited<ReturnType<typeof storedEvents>>[number]

const thingOf = ({ type, of }: Pick<ToldEvent, 'type' | 'of'>): string => `${type} ${of}`

/** Where what a page was told departs from what is stored, in words. */
export const departures = ({ opened, told }: PageEvents, stored: readonly StoredEvent[]) => {
  const from = BigInt(new URL(opened[0] ?? '', 'http://page').searchParams.get('lastEventId') ?? Number.NaN)
  const events = told.filter(({ type }) => type !== 'reset')
  const known = new Map(stored.map((event) => [event.id, thingOf(event)]))
  const newest = new Map<string, bigint>()
  const revisions = new Map<string, number>()
  const [again, foreign, older]: [string[], string[], string[]] = [[], [], []]
  let last = from
  for (const event of events) {
    const thing = thingOf(event)
    const words = `${event.id} ${thing}`
    if (BigInt(event.id) <= last) again.push(`${words} behind ${last}`)
    if (known.get(event.id) !== thing) foreign.push(words)
    if (event.revision !== null && event.revision < (revisions.get(thing) ?? 0)) older.push(words)
    if (event.revision !== null) revisions.set(thing, event.revision)
    last = BigInt(event.id)
    newest.set(thing, last)
  }
  return {
    // A later one of the same thing says all that it would have: bff/events/read-events.ts.
    missed: stored
      .filter((event) => BigInt(event.id) > from && (newest.get(thingOf(event)) ?? -1n) < BigInt(event.id))
      .map((event) => `${event.id} ${thingOf(event)}`),
    /** Told twice, or out of order. */
    again,
    /** Told and not stored so. */
    foreign,
    /** A host as it had been before. */
    older,
    /** Told to fetch all anew, or without a place from which to go on. */
    anew: told.length - events.length + opened.length - 1,
  }
}
