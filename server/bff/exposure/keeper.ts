import { type Kysely, sql } from 'kysely'
import type { Logger } from 'pino'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Clock } from '../clock.ts'
import type { Notifications } from '../database/notifications.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { tellOf } from '../events/append-event.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import { periodically } from '../periodic.ts'
import { VULNERABILITIES_CHANGED } from '../vulnerabilities/knowledge.ts'
import { EXPOSURE_CHANNEL } from './exposure-channel.ts'
import type { ExposureJudge } from './judge-apart.ts'
import { askForPass, isDue } from './judge-pass.ts'
import { refreshStale } from './refresh-stale.ts'

/** Notifications wake it; this is for what was missed, for a judge that died elsewhere, and for what pages are told. */
const LOOK_MS = 5_000

export interface ExposureKeeper {
  start(notifications: Notifications): Promise<void>
  /** Looks at stale hosts, judges what is due, and tells pages. Never rejects. */
  look(): Promise<void>
  close(): Promise<void>
}

/** Keeps what is known of exposure up to date: any backend may, and one at a time does. */
export const createExposureKeeper = (options: {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  readonly judge: ExposureJudge
  readonly log: Pick<Logger, 'warn' | 'info'>
  readonly metrics: Registry
}): ExposureKeeper => {
  const { database, clock, judge, log } = options
  const metrics = createMetrics(options.metrics)
  const endings: (() => unknown)[] = []
  let closed = false

  const judgeDue = async () => {
    if (closed || !(await isDue(database))) return metrics.left(0)
    const startedAt = performance.now()
    const passed = await judge.pass(metrics.left)
    if (passed.result !== 'done') return
    metrics.passed(passed.written, (performance.now() - startedAt) / 1000)
    if (passed.written > 0) log.info({ ...passed }, 'exposure was judged')
  }

  const looking = oneAtATime(async () => {
    try {
      await refreshStale(database, clock.now())
      await judgeDue()
      await tellOfHosts(database, clock.now())
    } catch (error) {
      if (!closed) log.warn({ err: error }, 'exposure could not be judged; it will be tried again')
    }
  })
  const look = looking.run
  const judgeAnew = () => {
    askForPass(database)
      .then(look)
      .catch((error: unknown) => log.warn({ err: error }, 'exposure could not be judged anew'))
  }

  return {
    async start(notifications) {
      // A newer program may judge otherwise, and what feeds said while nobody listened was not heard.
      await askForPass(database)
      endings.push(
        await notifications.subscribe(VULNERABILITIES_CHANGED, { notified: judgeAnew, mayHaveMissed: judgeAnew }),
        await notifications.subscribe(EXPOSURE_CHANNEL, {
          notified: () => void look(),
          mayHaveMissed: () => void look(),
        }),
        periodically(LOOK_MS, 'keep exposure', log, look),
      )
    },
    look,
    async close() {
      closed = true
      await judge.close()
      for (const end of endings.splice(0)) await end()
      await looking.end()
    },
  }
}

/** Hosts change all the time: pages are told at most once a look, by one backend. */
const tellOfHosts = (database: Kysely<DatabaseSchema>, now: Date): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const { rows } = await sql`
      update exposure_state set told_at = newest.at
      from (select max(from_at) as at from host_exposure) as newest
      where newest.at is not null and told_at is distinct from newest.at
      returning told_at`.execute(transaction)
    if (rows.length > 0) await tellOf(transaction, 'exposure', now)
  })

const createMetrics = (registry: Registry) => {
  const registers = [registry]
  const left = new Gauge({
    name: 'rebootless_exposure_classes_waiting',
    help: 'Classes of hosts that are still to be judged in the pass that runs here.',
    registers,
  })
  const written = new Counter({
    name: 'rebootless_exposure_verdicts_written_total',
    help: 'Verdicts over a class and a CVE that were opened or closed here.',
    registers,
  })
  const seconds = new Gauge({
    name: 'rebootless_exposure_pass_seconds',
    help: 'How long the last judging here took.',
    registers,
  })
  const at = new Gauge({
    name: 'rebootless_exposure_pass_timestamp_seconds',
    help: 'When the last judging here ended.',
    registers,
  })
  return {
    left: (count: number) => left.set(count),
    passed(count: number, took: number) {
      left.set(0)
      written.inc(count)
      seconds.set(took)
      at.setToCurrentTime()
    },
  }
}
