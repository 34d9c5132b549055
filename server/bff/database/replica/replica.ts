import { setTimeout as sleep } from 'node:timers/promises'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Logger } from 'pino'
import { Counter, Gauge, type Registry } from 'prom-client'
import { periodically } from '../../periodic.ts'
import type { DatabaseSchema } from '../schema.ts'
import { cutWhenSilent } from '../silent-connection.ts'
import { askTogether } from './ask-together.ts'
import { type PrimaryPosition, type WhyNot, whyNotByReplica } from './may-answer.ts'
import { askPrimary, SILENT_MS, watchStandby } from './positions.ts'
import { handlersOver, type Reads } from './reads.ts'
import { createReplicaLag } from './replica-lag.ts'

type Db = Kysely<DatabaseSchema>
/** Why all reads go to the primary; null: the replica is used. */
type Fault = WhyNot | 'not_looked_at' | 'no_answer'

const FAULT_WORDS: Record<Fault, string> = {
  not_looked_at: 'the replica has not answered yet',
  no_answer: 'the replica does not answer',
  no_standby: 'the server of DATABASE_REPLICA_URL is no standby',
  another_database: 'the server of DATABASE_REPLICA_URL holds another database than DATABASE_URL',
  another_timeline: 'the replica is not known to have followed the last failover',
  behind: 'the replica is more than a second behind',
}

export interface Replica {
  readonly reads: Reads
  /** For `readyz`: in use, or why it is not. */
  state(): string
  close(): Promise<void>
}

const LOOK_MS = 1_000
/** From here on no read waits for it at all. */
const BEHIND_SECONDS = 1
/** As long a read waits for what was committed just before it; the primary answers instead. */
const PATIENCE_MS = 100
const AGAIN_MS = 5
const CONNECTIONS_MAX = 16
const CLOSE_MS_MAX = 2_000

/** Never more of it: an error of a URL carries the URL, and so the password. */
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What was read of a replica that went meanwhile is not told: it may have come back further behind. */
const unlessLost = async <Result>(work: Promise<Result>, lost: AbortSignal): Promise<Result> => {
  let giveUp: (() => void) | undefined
  const gone = new Promise<never>((_, reject) => {
    giveUp = () => reject(new Error('its connection broke'))
    if (lost.aborted) giveUp()
    lost.addEventListener('abort', giveUp)
  })
  try {
    return await Promise.race([gone, work])
  } finally {
    if (giveUp !== undefined) lost.removeEventListener('abort', giveUp)
  }
}

/** Begins to look at a replica, which need not be there: until it answers, and whenever it may not, the primary does. */
export const openReplica = ({
  url,
  primary,
  log,
  metrics,
}: {
  readonly url: string
  readonly primary: Db
  readonly log: Pick<Logger, 'info' | 'warn'>
  readonly metrics: Registry
}): Replica => {
  const pool = new pg.Pool({
    ...{ connectionString: url, application_name: 'rebootless-reads', keepAlive: true, max: CONNECTIONS_MAX },
    ...{ connectionTimeoutMillis: 2 * SILENT_MS, idleTimeoutMillis: 5 * 60_000, statement_timeout: 30_000 },
    // Promoted, it would take writes: none of ours.
    options: '-c default_transaction_read_only=on',
  })
  pool.on('error', () => undefined)
  pool.on('connect', (client) => {
    client.on('error', () => undefined)
    cutWhenSilent(client)
  })
  const replica = new Kysely<DatabaseSchema>({ dialect: new PostgresDialect({ pool }) })

  let fault: Fault | null = 'not_looked_at'
  let losses = new AbortController()
  /** Of this fault: the first may be a time that was up, and the next that the password is wrong. */
  const causesTold = new Set<string | undefined>()
  const become = (next: Fault | null, cause?: string) => {
    if (next !== fault) causesTold.clear()
    else if (cause === undefined || causesTold.has(cause)) return
    causesTold.add(cause)
    if (next === null) log.info('pages are read from the replica')
    else log.warn({ reason: FAULT_WORDS[next], cause }, 'pages are read from the primary')
    fault = next
  }
  const lost = (cause: string) => {
    become('no_answer', cause)
    losses.abort()
    losses = new AbortController()
  }
  const watch = watchStandby(url, lost)
  const lag = createReplicaLag()
  const position = askTogether(() => askPrimary(primary))
  const standby = askTogether(async () => {
    try {
      const found = await watch.ask()
      if (found.replayed !== null) lag.replayed(found.replayed)
      return found
    } catch (error) {
      lost(messageOf(error))
      throw error
    }
  })

  /** Gives what is on its way the time to be replayed. Rejects when the replica does not answer, which has been told then. */
  const whyNot = async (needed: PrimaryPosition): Promise<WhyNot | null> => {
    for (const until = performance.now() + PATIENCE_MS; ; await sleep(AGAIN_MS)) {
      const why = whyNotByReplica(needed, await standby())
      if (why !== 'behind' || performance.now() >= until) return why
    }
  }

  const look = async (): Promise<void> => {
    // Without waiting for the primary, so that reads under way are not left with a replica that went silent.
    const answers = standby().then(
      () => true,
      () => false,
    )
    // A primary that does not answer is told of elsewhere; pages need it to find out who asks.
    const needed = await position().catch(() => null)
    if (needed === null) return
    lag.passed(needed.lsn, performance.now())
    if (!(await answers)) return
    const why = await whyNot(needed).catch((): Fault => 'no_answer')
    become(why === 'behind' && lag.secondsAt(performance.now()) < BEHIND_SECONDS ? null : why)
  }

  /** Whether the replica has all that was committed before this was called. */
  const mayAnswer = async (): Promise<boolean> => {
    if (fault !== null) return false
    try {
      const why = await whyNot(await position())
      if (why !== null && why !== 'behind') become(why)
      return why === null
    } catch {
      return false
    }
  }

  const answered = new Counter({
    name: 'rebootless_database_reads_total',
    help: 'Reads of pages, trends and exports, by which database answered.',
    labelNames: ['by'] as const,
    registers: [metrics],
  })
  for (const by of ['replica', 'primary']) answered.inc({ by }, 0)
  new Gauge({
    name: 'rebootless_database_replica_lag_seconds',
    help: 'How long ago the primary stood where the replica is; it grows while the replica does not answer.',
    registers: [metrics],
    collect() {
      this.set(lag.secondsAt(performance.now()))
    },
  })
  const byPrimary = <Result>(work: (database: Db) => Promise<Result>) => {
    answered.inc({ by: 'primary' })
    return work(primary)
  }

  const read: Reads['read'] = async (work) => {
    // Before it is asked: what breaks from here on counts.
    const { signal } = losses
    if (!(await mayAnswer())) return byPrimary(work)
    try {
      const result = await unlessLost(work(replica), signal)
      answered.inc({ by: 'replica' })
      return result
    } catch (error) {
      // That there is no such host is an answer too.
      if (error instanceof DomainError && !signal.aborted) {
        answered.inc({ by: 'replica' })
        throw error
      }
      // Given up by who asked.
      if (error instanceof Error && error.name === 'AbortError') throw error
      log.warn({ reason: messageOf(error) }, 'a read failed on the replica; the primary is asked')
      return byPrimary(work)
    }
  }
  const end = periodically(LOOK_MS, 'look at the replica', log, look)

  return {
    reads: {
      read,
      async choose() {
        const by = (await mayAnswer()) ? 'replica' : 'primary'
        answered.inc({ by })
        return by === 'replica' ? replica : primary
      },
      handlers: handlersOver({ primary, replica, read }),
    },
    state: () => (fault === null ? 'in use' : `not in use: ${FAULT_WORDS[fault]}`),
    async close() {
      await end()
      watch.close()
      // One that has gone silent does not say goodbye.
      await Promise.race([replica.destroy(), sleep(CLOSE_MS_MAX, undefined, { ref: false })])
    },
  }
}
