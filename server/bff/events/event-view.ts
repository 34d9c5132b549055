import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { type HostScope, hostsInScope } from '../hosts/host-scope.ts'
import { visible } from '../rollouts/visible.ts'
import { type Frame, frameOf } from './read-events.ts'

/** Frames kept in memory, so that a thousand returning pages do not each ask the database. */
const RECENT_FRAMES_MAX = 1_000

interface Chosen {
  readonly frames: readonly Frame[]
  /** Hosts that come into view, true, or leave it, false. */
  readonly moves: ReadonlyMap<string, boolean>
}

/**
 * What the streams of one scope are told. It remembers which hosts they see, so that one whose labels change comes into
 * their view or leaves it, and a foreign one is never named.
 */
export class EventView {
  readonly scope: HostScope
  readonly #database: Kysely<DatabaseSchema>
  /** Undefined: all. */
  #seen: Set<string> | undefined
  #recent: Frame[] = []
  /** Ids behind which `#recent` is complete. */
  #recentAfter: bigint

  private constructor(database: Kysely<DatabaseSchema>, scope: HostScope, position: bigint) {
    this.#database = database
    this.scope = scope
    this.#recentAfter = position
  }

  /** Begins at a position up to which all events have been read. */
  static async open(database: Kysely<DatabaseSchema>, scope: HostScope, position: bigint): Promise<EventView> {
    const view = new EventView(database, scope, position)
    if (scope.text !== null) {
      const rows = await database.selectFrom('hosts').select('id').where(scope.condition).execute()
      view.#seen = new Set(rows.map(({ id }) => id))
    }
    return view
  }

  /** What of the events read next this scope's streams are to be told; changes nothing yet, since the database may fail. */
  async choose(frames: readonly Frame[]): Promise<Chosen> {
    if (this.#seen === undefined) return { frames, moves: new Map() }
    return this.#select(frames, this.#seen)
  }

  /** What was chosen is being told. */
  tell({ frames, moves }: Chosen): void {
    for (const [id, comes] of moves) {
      if (comes) this.#seen?.add(id)
      else this.#seen?.delete(id)
    }
    this.#recent.push(...frames)
    const dropped = this.#recent.splice(0, Math.max(0, this.#recent.length - RECENT_FRAMES_MAX)).at(-1)
    if (dropped !== undefined) this.#recentAfter = dropped.id
  }

  /** What came behind an id; undefined when that is longer ago than is kept. */
  since(id: bigint): readonly Frame[] | undefined {
    return id < this.#recentAfter ? undefined : this.#recent.filter((frame) => frame.id > id)
  }

  async #select(frames: readonly Frame[], seen: ReadonlySet<string>): Promise<Chosen> {
    const ids = [...new Set(frames.flatMap(({ hostId }) => (hostId === null ? [] : [hostId])))]
    const held = await hostsInScope(this.#database, this.scope, ids)
    const rollouts = await this.#rolloutsSeen(frames)
    const moves = new Map<string, boolean>()
    const chosen = frames.flatMap((frame) => {
      const { hostId, event } = frame
      if (event.type === 'rollout.changed') return rollouts.has(event.rolloutId) ? [frame] : []
      if (hostId === null) return [frame]
      const known = moves.get(hostId) ?? seen.has(hostId)
      if (event.type !== 'host.changed' && event.type !== 'host.removed') {
        // Until its `host.changed` brings it in, a page knows no such host.
        return known && held.has(hostId) ? [frame] : []
      }
      const stays = event.type === 'host.changed' && held.has(hostId)
      if (stays !== known) moves.set(hostId, stays)
      if (stays || (known && event.type === 'host.removed')) return [frame]
      return known ? [frameOf(frame.id, { type: 'host.removed', hostId, at: event.at }, hostId)] : []
    })
    return { frames: chosen, moves }
  }

  async #rolloutsSeen(frames: readonly Frame[]): Promise<ReadonlySet<string>> {
    const ids = frames.flatMap(({ event }) => (event.type === 'rollout.changed' ? [event.rolloutId] : []))
    if (ids.length === 0) return new Set()
    const query = this.#database.selectFrom('rollouts').select('id').where('id', 'in', ids)
    return new Set((await query.where(visible(this.scope)).execute()).map(({ id }) => id))
  }
}
