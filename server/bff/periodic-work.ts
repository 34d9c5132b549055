import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { People } from './access/people.ts'
import type { Clock } from './clock.ts'
import { mendFuture } from './clock-set-back.ts'
import type { Compliance } from './compliance/service.ts'
import type { DatabaseSchema } from './database/schema.ts'
import type { EventHub } from './events/event-hub.ts'
import { pruneEvents } from './events/prune-events.ts'
import { foldClassShares } from './exposure/class-shares.ts'
import { foldShares } from './hosts/fleet-shares.ts'
import { pruneHistory } from './ingest/prune-history.ts'
import { sweepSilentHosts } from './ingest/sweep-silent-hosts.ts'
import { periodically } from './periodic.ts'
import { sendDueReports } from './reports/send-reports.ts'

const SWEEP_MS = 1_000
const STREAM_COMMENT_MS = 15_000
/** Twice within the five seconds in which a revoked session's stream has to end (T01). */
const SESSION_CHECK_MS = 2_000
const REPORTS_MS = 30_000
const PRUNE_MS = 60_000
const FOLD_MS = 10_000
const MEND_MS = 10_000

/** What each backend does again and again, whatever else goes on. @returns ends each */
export const startPeriodicWork = ({
  database,
  clock,
  log,
  hub,
  people,
  compliance,
}: {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  readonly log: Logger
  readonly hub: EventHub
  readonly people: People
  readonly compliance: Compliance
}) => [
  periodically(SWEEP_MS, 'sweep silent hosts', log, () => sweepSilentHosts(database, clock.now())),
  periodically(MEND_MS, 'mend what a clock that went ahead has left', log, async () => {
    const mended = await mendFuture(database, clock.now())
    if (mended > 0) log.warn({ mended }, 'a clock was set back: what it had put into the future is taken for now')
  }),
  periodically(SESSION_CHECK_MS, 'check the sessions of streams', log, async () => {
    const among = new Set(hub.streams.sessionHashes())
    hub.streams.endAllBut(await people.callers.alive([...among]), among)
    // A notification may be lost without its connection breaking; this looks without one.
    await hub.wake()
  }),
  periodically(STREAM_COMMENT_MS, 'keep streams open', log, async () => hub.streams.sendAll(': still here\n\n')),
  periodically(REPORTS_MS, 'send reports that are due', log, () =>
    sendDueReports({ database, compliance, log }, clock.now()),
  ),
  periodically(FOLD_MS, 'fold the shares of the fleet', log, async () => {
    await foldShares(database)
    await foldClassShares(database)
  }),
  periodically(PRUNE_MS, 'prune what is old', log, async () => {
    const now = clock.now()
    await pruneEvents(database, now)
    await pruneHistory(database)
    await people.prune()
  }),
]
