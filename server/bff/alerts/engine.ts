import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { Gauge, type Registry } from 'prom-client'
import type { Notifications } from '../database/notifications.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { EVENTS_CHANNEL } from '../events/append-event.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import { periodically } from '../periodic.ts'
import { giveUpLease, takeLease } from '../rollouts/lease.ts'
import { ALERTS_CHANNEL } from './notify.ts'
import type { ReadDueDates, ReadOwnFacts } from './ports.ts'
import { pruneAlerts } from './prune.ts'
import { NoLongerLeads, takeAlertStep } from './step.ts'
import { RARE_EVERY_MS, type StepMemory } from './step-memory.ts'

/** Less than the lease lasts, so that a leader keeps it. */
const LOOK_MS = 2_000
/** A fleet that changes all the time makes no more steps than this. */
const WOKEN_MS_MIN = 1_000
const PRUNE_MS = 3_600_000

export interface AlertEngine {
  start(notifications: Notifications): Promise<void>
  /** Takes one step where this backend leads. Never rejects. */
  look(): Promise<void>
  leads(): number | null
  close(): Promise<void>
}

export interface AlertEngineOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly readOwnFacts: ReadOwnFacts
  readonly readDueDates: ReadDueDates
  readonly version: string
  readonly now: () => Date
  readonly log: Pick<Logger, 'warn' | 'info'>
  readonly metrics?: Registry
  readonly holder?: string
  /** The database is this backend's own: it waits for no dead one's lease. */
  readonly isAlone?: boolean
  /** 0: every step reads everything of hosts anew but their causes. */
  readonly rareEveryMs?: number
}

/** Decides on alerts where this backend holds the lease; any other may take over between any two effects. */
export const createAlertEngine = (options: AlertEngineOptions): AlertEngine => {
  const { database, log, now, holder = randomUUID(), rareEveryMs = RARE_EVERY_MS } = options
  const endings: (() => unknown)[] = []
  let fencing: number | null = null
  /** Since when it has decided without a break; what was before, nobody here could hear. */
  let leadsFrom = new Date(0)
  let isFirst = true
  let steppedAt = 0
  let prunedAt = 0
  let memory: StepMemory | undefined

  if (options.metrics !== undefined) {
    new Gauge({
      name: 'rebootless_alert_leader',
      help: 'The number of the lease by which this program decides on alerts; 0: another does, or none.',
      registers: [options.metrics],
      collect() {
        this.set(fencing ?? 0)
      },
    })
  }

  const lookOnce = async (): Promise<void> => {
    const lease = await takeLease(database, holder, isFirst && options.isAlone, 'alerts')
    isFirst = false
    const at = now()
    if (lease !== fencing) leadsFrom = at
    fencing = lease
    if (lease === null) return
    steppedAt = performance.now()
    const [own, due] = [await options.readOwnFacts(at), await options.readDueDates(at)]
    const former = memory
    // Whatever becomes of this step, what was known before it is so no more.
    memory = undefined
    const { version } = options
    const step = { fencing: lease, own, due, version, heardFrom: leadsFrom, now: at, rareEveryMs, memory: former }
    memory = await takeAlertStep(database, step)
    if (Math.abs(at.getTime() - prunedAt) < PRUNE_MS) return
    prunedAt = at.getTime()
    await pruneAlerts(database, at)
  }

  const looking = oneAtATime(() =>
    lookOnce().catch((error: unknown) => {
      fencing = null
      if (error instanceof NoLongerLeads) return
      log.warn({ err: error }, 'a step of alerts failed; it will be taken again')
    }),
  )
  const look = looking.run
  const woken = () => {
    if (fencing !== null && performance.now() - steppedAt >= WOKEN_MS_MIN) void look()
  }

  return {
    async start(notifications) {
      const heard = { notified: () => void look(), mayHaveMissed: () => void look() }
      endings.push(
        await notifications.subscribe(ALERTS_CHANNEL, heard),
        await notifications.subscribe(EVENTS_CHANNEL, { notified: woken, mayHaveMissed: woken }),
        periodically(LOOK_MS, 'decide on alerts', log, look),
      )
    },
    look,
    leads: () => fencing,
    async close() {
      for (const end of endings.splice(0)) await end()
      await looking.end()
      if (fencing !== null) await giveUpLease(database, holder, 'alerts').catch(() => undefined)
      fencing = null
    },
  }
}
