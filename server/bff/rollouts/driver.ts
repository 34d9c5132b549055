import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { Gauge, type Registry } from 'prom-client'
import type { Clock } from '../clock.ts'
import type { Notifications } from '../database/notifications.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import type { GuardedFetch } from '../outgoing/guarded-fetch.ts'
import type { FitHosts } from '../patches/fit-hosts.ts'
import { periodically } from '../periodic.ts'
import { createGateReader } from './gate-readings.ts'
import { giveUpLease, takeLease } from './lease.ts'
import { findNewcomers } from './newcomers.ts'
import { ROLLOUTS_CHANNEL } from './notify.ts'
import { readPermits } from './permits.ts'
import { readChangeOf } from './plan-fit.ts'
import { createPressureReader } from './pressure-gate.ts'
import { readChangedHosts } from './readings.ts'
import { type Gathered, NoLongerLeads, takeStep } from './step.ts'
import { readRollout, type StoredRollout } from './stored-rollout.ts'

/** The lease lasts four times as long. */
const LOOK_MS = 1_000
const NEWCOMERS_MS = 10_000

export interface RolloutDriver {
  /** Begins to lead when nobody does. */
  start(notifications: Notifications): Promise<void>
  /** Takes one step of each rollout that is due, where this backend leads. Never rejects. */
  look(): Promise<void>
  /** The number of its lease; null: another backend leads, or none. */
  leads(): number | null
  close(): Promise<void>
}

export interface RolloutDriverOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  readonly fitHosts: FitHosts
  readonly fetch: GuardedFetch
  readonly log: Pick<Logger, 'warn' | 'info'>
  readonly metrics?: Registry
  /** Of tests that move time; left out: the database's clock, which all leaders share. */
  readonly now?: () => Date
  readonly holder?: string
  /** The database is this backend's own: it waits for no dead one's lease. */
  readonly isAlone?: boolean
}

/** Drives rollouts where this backend holds the lease; any other may take over between any two effects (threat-model T35). */
export const createRolloutDriver = (options: RolloutDriverOptions): RolloutDriver => {
  const { database, clock, fitHosts, log, holder = randomUUID() } = options
  const now = options.now ?? clock.now
  const gates = createGateReader({ fetch: options.fetch, pressure: createPressureReader(database, now) }, now)
  /** As this leader wrote them: nobody else does while its lease lasts. */
  const kept = new Map<string, StoredRollout>()
  const soughtAt = new Map<string, number>()
  const endings: (() => unknown)[] = []
  let fencing: number | null = null
  let closed = false
  let isFirst = true

  if (options.metrics !== undefined) {
    new Gauge({
      name: 'rebootless_rollout_leader',
      help: 'The number of the lease by which this program drives rollouts; 0: another does, or none.',
      registers: [options.metrics],
      collect() {
        this.set(fencing ?? 0)
      },
    })
  }

  const gather = async (rollout: StoredRollout, lease: number): Promise<Gathered> => {
    const { id } = rollout.row
    const permits = await readPermits(database, id, now())
    const { plan, state } = rollout
    const changeOf = () => readChangeOf(database, plan)
    const readings = await readChangedHosts(database, fitHosts, { plan, state, changeOf, permits })
    const at = now().getTime()
    // A clock that was set back is no reason to wait.
    const isDue = Math.abs(at - (soughtAt.get(id) ?? Number.NEGATIVE_INFINITY)) >= NEWCOMERS_MS
    if (isDue) soughtAt.set(id, at)
    const newcomers = isDue
      ? await findNewcomers(database, fitHosts, rollout, permits, { fencing: lease, now: now() })
      : []
    return { readings, newcomers, gates: gates.read(plan, state) }
  }

  const step = async (id: string, version: string, lease: number): Promise<void> => {
    const known = kept.get(id)
    const rollout = known?.row.version === version ? known : await readRollout(database, id)
    const after = await takeStep(database, rollout, await gather(rollout, lease), {
      fencing: lease,
      now: options.now,
    })
    if (after === undefined) kept.delete(id)
    else kept.set(id, after)
  }

  const lead = async (lease: number): Promise<void> => {
    for (const { id, version } of await dueRollouts(database)) {
      if (closed) return
      try {
        await step(id, version, lease)
      } catch (error) {
        // What was not committed is lost, and the next step, from what was, comes to the same.
        kept.delete(id)
        if (error instanceof NoLongerLeads) throw error
        log.warn({ rollout: id, err: error }, 'a step of a rollout failed; it will be taken again')
      }
      // Many rollouts may take longer than the lease lasts.
      if ((await takeLease(database, holder)) !== lease) throw new NoLongerLeads('the lease passed to another')
    }
  }

  const lookOnce = async (): Promise<void> => {
    const lease = await takeLease(database, holder, isFirst && options.isAlone)
    isFirst = false
    if (lease !== fencing) {
      kept.clear()
      if (lease !== null) log.info({ fencing: lease }, 'this backend drives rollouts')
    }
    fencing = lease
    if (lease !== null) await lead(lease)
  }

  const looking = oneAtATime(() =>
    lookOnce().catch((error: unknown) => {
      fencing = null
      kept.clear()
      log.warn({ err: error }, 'rollouts could not be driven')
    }),
  )
  const look = looking.run

  return {
    async start(notifications) {
      const heard = { notified: () => void look(), mayHaveMissed: () => void look() }
      endings.push(
        await notifications.subscribe(ROLLOUTS_CHANNEL, heard),
        periodically(LOOK_MS, 'drive rollouts', log, look),
      )
    },
    look,
    leads: () => fencing,
    async close() {
      closed = true
      for (const end of endings.splice(0)) await end()
      await looking.end()
      await gates.settled()
      if (fencing !== null) await giveUpLease(database, holder).catch(() => undefined)
      fencing = null
    },
  }
}

const dueRollouts = (database: Kysely<DatabaseSchema>): Promise<{ id: string; version: string }[]> =>
  database
    .selectFrom('rollouts')
    .select(['id', 'version'])
    .where(({ or, eb, exists, selectFrom }) =>
      or([
        eb('follows', '=', true),
        exists(
          selectFrom('rollout_acts')
            .select('rollout_acts.id')
            .whereRef('rollout_acts.rollout_id', '=', 'rollouts.id')
            .where('taken_at', 'is', null),
        ),
      ]),
    )
    .orderBy('created_at')
    .orderBy('id')
    .execute()
