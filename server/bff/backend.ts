import type { SpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { DryRunSimulator } from '@rebootless/shared/domain/rollouts/dry-run/dry-run-work.ts'
import { type Kysely, sql } from 'kysely'
import type { Logger } from 'pino'
import serverPackage from '../package.json' with { type: 'json' }
import { createPeople } from './access/people.ts'
import { createDueDates } from './alerts/due-dates.ts'
import { createAlertEngine } from './alerts/engine.ts'
import { createOwnFacts } from './alerts/own-facts.ts'
import { alertHandlers } from './alerts/routes.ts'
import { createAuditLog } from './audit/audit-log.ts'
import { createReadings } from './audit/note-reading.ts'
import { createDeliverer } from './channels/deliverer.ts'
import { makePushKeys, readPushKeys } from './channels/push-keys.ts'
import { pushSubscriptionHandlers } from './channels/push-routes.ts'
import { channelHandlers } from './channels/routes.ts'
import { createSender } from './channels/send-message.ts'
import { type Clock, systemClock } from './clock.ts'
import { mendFuture } from './clock-set-back.ts'
import type { OfferedAgent } from './commands/agent-release-file.ts'
import { createDispatcher, type Dispatcher } from './commands/dispatcher.ts'
import { commandHandlers } from './commands/routes.ts'
import { complianceHandlers } from './compliance/routes.ts'
import { createCompliance } from './compliance/service.ts'
import { complianceDocumentHandlers } from './compliance-documents/routes.ts'
import type { Database } from './database/connect.ts'
import { migrations } from './database/migrations/index.ts'
import { openNotifications } from './database/notifications.ts'
import { primaryAlone } from './database/replica/reads.ts'
import { openReplica } from './database/replica/replica.ts'
import type { DatabaseSchema } from './database/schema.ts'
import { CERTIFICATES_CHANNEL } from './enrolment/certificates.ts'
import { createEnrolmentStore } from './enrolment/enrolment-store.ts'
import { enrolmentHandlers } from './enrolment/routes.ts'
import { EVENTS_CHANNEL } from './events/append-event.ts'
import { EventHub } from './events/event-hub.ts'
import { pruneEvents } from './events/prune-events.ts'
import { eventHandlers } from './events/routes.ts'
import { foldClassShares } from './exposure/class-shares.ts'
import { createJudgeApart, type ExposureJudge } from './exposure/judge-apart.ts'
import { createExposureKeeper } from './exposure/keeper.ts'
import { exposureHandlers } from './exposure/routes.ts'
import { exposureChangeHandlers } from './exposure-change/routes.ts'
import { fleetHandlers } from './fleet/routes.ts'
import { createFleet } from './fleet/service.ts'
import { registerFleetMetrics } from './health/fleet-metrics.ts'
import { createMetrics } from './health/metrics.ts'
import { hostHourHandlers } from './host-hours/routes.ts'
import { foldShares } from './hosts/fleet-shares.ts'
import { hostsInScope, WHOLE_FLEET } from './hosts/host-scope.ts'
import { hostHandlers } from './hosts/routes.ts'
import { createHosts } from './hosts/service.ts'
import { createApp } from './http/app.ts'
import { createHttpServer, drain, listen } from './http/listen.ts'
import { createRequestsUnderWay } from './http/requests-under-way.ts'
import { createIngest } from './ingest/ingest.ts'
import { pruneHistory } from './ingest/prune-history.ts'
import { sweepSilentHosts } from './ingest/sweep-silent-hosts.ts'
import type { AgentFile } from './link/agent-file.ts'
import type { CertificateAuthorities } from './link/certificate-authorities.ts'
import type { CommandKey } from './link/command-key.ts'
import type { AuditWitness, EnrolmentStore, Ingest, TaskLookLinks } from './link/ports.ts'
import { createGuardedFetch } from './outgoing/guarded-fetch.ts'
import { createGuardedConnect } from './outgoing/guarded-socket.ts'
import { openArtefactFiles } from './patches/artefact-files.ts'
import { createFitHosts } from './patches/fit-hosts.ts'
import { readMissingFacts } from './patches/modules.ts'
import { patchHandlers } from './patches/routes.ts'
import { createTaskLooks } from './patches/task-looks.ts'
import { periodically } from './periodic.ts'
import { type HeldAgents, shareAgents } from './presence/share-agents.ts'
import { rebootDebtHandlers } from './reboot-debt/routes.ts'
import { reportHandlers } from './reports/routes.ts'
import { sendDueReports } from './reports/send-reports.ts'
import { createRolloutDriver } from './rollouts/driver.ts'
import { createDryRuns } from './rollouts/dry-run/dry-runs.ts'
import { dryRunHandlers } from './rollouts/dry-run/routes.ts'
import { rolloutPolicyHandlers } from './rollouts/policy-routes.ts'
import { rolloutHandlers } from './rollouts/routes.ts'
import { rolloutTemplateHandlers } from './rollouts/templates.ts'
import { createSecretBox } from './secrets/secret-box.ts'
import { loadSecretsKey } from './secrets/secrets-key.ts'
import { type BackendSettings, requireSafeTransport } from './settings.ts'
import { clickSpanHandlers } from './tracing/routes.ts'
import { createTracing } from './tracing/tracing.ts'
import { createFeedReader } from './vulnerabilities/feed-reader.ts'
import { FEED_FETCH } from './vulnerabilities/feed-source.ts'
import { cveFeedHandlers } from './vulnerabilities/routes.ts'
import { offerShippedFeed } from './vulnerabilities/shipped-feed.ts'

export interface BackendOptions {
  readonly settings: BackendSettings
  /** Migrated already. The backend does not close it: whoever opened it does, after `close()`. */
  readonly database: Pick<Database, 'kysely' | 'connection' | 'fault' | 'folder'>
  readonly log: Logger
  readonly clock?: Clock
  /** Where spans go, instead of a collector that settings name. */
  readonly spanProcessor?: SpanProcessor | undefined
  /** The built pages, `web/dist`; a page says so when they are missing. */
  readonly webFolder: string
  /** `createJoinToken` of bff/link/join-token.ts, with the authority's fingerprint and randomness bound. */
  readonly createJoinToken: () => { token: string; hash: string }
  /** The server's own key: it signs the heads of the audit log. */
  readonly commandKey: CommandKey
  readonly authorities: CertificateAuthorities
  /** Where plans are run through without a host. */
  readonly dryRunSimulator: DryRunSimulator
  /** What hosts install; undefined: it was not built. */
  readonly agentFile?: AgentFile | undefined
  /** What hosts may be told to take in its place; undefined: there is no release of the makers. */
  readonly offeredAgent?: OfferedAgent | undefined
  /** The facts of vulnerabilities that ship with this program; undefined: none. */
  readonly shippedFacts?: string | undefined
  /** Instead of the one that judges exposure in a thread of its own. */
  readonly exposureJudge?: ExposureJudge
  /** The port that agents reach, where AGENT_PORT is 0. */
  readonly agentPort?: () => number
}

interface SignInLink {
  /** `http://127.0.0.1:8080/sign-in#token=…`: for the terminal only, never for a log. */
  readonly url: string
  readonly expiresAt: Date
}

export interface Backend {
  readonly ingest: Ingest
  readonly enrolmentStore: EnrolmentStore
  /** Of the audit log's heads, which hosts hold. */
  readonly auditWitness: AuditWitness
  readonly commands: Dispatcher
  readonly taskLooks: TaskLookLinks
  /** Calls back whenever certificates have ended, or may have while nobody could be told. @returns ends that */
  onCertificatesEnded(listener: () => void): Promise<() => void>
  /** Begins to share agents with the other backends of this database. @returns ends that */
  shareAgents(agents: HeldAgents, address: string): () => Promise<void>
  /** Listens on HOST and PORT. Rejects with a SettingsError when the port is taken. */
  listen(): Promise<{ url: string; port: number }>
  /** A one-time link for the first user; undefined when REBOOTLESS_ADMIN_PASSWORD is set. After `listen()`. */
  createSignInLink(): Promise<SignInLink | undefined>
  /** Stops accepting, ends event streams, and waits for requests under way (at most 5 s). */
  close(): Promise<void>
}

const SWEEP_MS = 1_000
const STREAM_COMMENT_MS = 15_000
/** Twice within the five seconds in which a revoked session's stream has to end (T01). */
const SESSION_CHECK_MS = 2_000
const REPORTS_MS = 30_000
const PRUNE_MS = 60_000
const FOLD_MS = 10_000
const MEND_MS = 10_000

const missingMigrations = async (database: Kysely<DatabaseSchema>): Promise<string[]> => {
  const applied = await sql<{ id: string }>`select id from schema_migration`.execute(database)
  const ids = new Set(applied.rows.map(({ id }) => id))
  return migrations.map(({ id }) => id).filter((id) => !ids.has(id))
}

/**
 * Puts the backend together: HTTP, event streams, sweeper, and the ports that the agents' side calls.
 * @throws SettingsError when HOST would carry sign-ins over a network in the clear (T01)
 */
export async function createBackend(options: BackendOptions): Promise<Backend> {
  const { settings, log, clock = systemClock } = options
  const database = options.database.kysely
  requireSafeTransport(settings)

  const secrets = createSecretBox(await loadSecretsKey(settings))
  const hub = new EventHub({ database, clock, log })
  const metrics = createMetrics(() => hub.streams.size)
  const url = settings.databaseReplicaUrl
  const replica =
    url === undefined ? undefined : openReplica({ url, primary: database, log, metrics: metrics.registry })
  const reads = replica?.reads ?? primaryAlone(database)
  const auditLog = createAuditLog({
    ...{ database, reads, clock, log, key: options.commandKey, dataFolder: settings.dataFolder },
  })
  const people = await createPeople({
    database,
    clock,
    log,
    secrets,
    settings,
    refused: auditLog.refusals.note,
    onEnded: (session) => hub.streams.endSession(session),
  })
  await hub.start()
  const { observeMessage: observe, observeIncident } = metrics
  const ingest = createIngest({ database, clock, observe, observeIncident })
  const enrolmentStore = createEnrolmentStore(database)
  const files = await openArtefactFiles(settings.dataFolder)
  const tracing =
    settings.traces || options.spanProcessor !== undefined
      ? createTracing({ database, log, version: serverPackage.version, processor: options.spanProcessor })
      : undefined
  const dispatcher = createDispatcher({
    ...{ database, clock, key: options.commandKey, files, log, trace: tracing?.commandEnded },
    offered: options.offeredAgent,
  })
  const fitHosts = createFitHosts(database)
  const taskLooks = createTaskLooks({ database, clock, log, observe: metrics.observeTaskQuestion })
  const fetch = createGuardedFetch({ networks: settings.outgoingNetworks })
  const rollouts = createRolloutDriver({
    ...{ database, clock, fitHosts, log, metrics: metrics.registry, fetch },
    isAlone: settings.databaseUrl === undefined,
  })
  await makePushKeys(database, secrets)
  const pushKeys = () => readPushKeys(database, secrets)
  const mail = { connect: createGuardedConnect({ networks: settings.outgoingNetworks }) }
  const sender = createSender({ fetch, mail, secrets, pushKeys })
  const deliverer = createDeliverer({ database, sender, log, metrics: metrics.registry })
  const feedReader = createFeedReader({
    ...{ database, log, shipped: options.shippedFacts, folder: settings.feedsFolder },
    fetch: createGuardedFetch({ networks: settings.outgoingNetworks, ...FEED_FETCH }),
  })
  const compliance = createCompliance({ database, reads, clock, log })
  const ownFacts = createOwnFacts({
    ...{ dataFolder: settings.dataFolder, databaseFolder: options.database.folder },
    ...{ databaseFault: options.database.fault, authorities: options.authorities },
  })
  const alerts = createAlertEngine({
    ...{ database, log, metrics: metrics.registry, now: clock.now, version: serverPackage.version },
    ...{ readOwnFacts: ownFacts.read, readDueDates: createDueDates({ database, compliance, log }) },
    isAlone: settings.databaseUrl === undefined,
  })
  const underWay = createRequestsUnderWay()
  const exposure = createExposureKeeper({
    ...{ database, clock, log, metrics: metrics.registry },
    judge:
      options.exposureJudge ??
      createJudgeApart({
        ...{ connection: options.database.connection, underWay: underWay.count },
        isDatabaseHere: settings.databaseUrl === undefined,
      }),
  })
  const dryRuns = createDryRuns({ simulator: options.dryRunSimulator, clock, log })
  registerFleetMetrics({
    ...{ registry: metrics.registry, database, log },
    exposure: () => compliance.exposureOf(WHOLE_FLEET),
  })
  let port = settings.port

  const app = createApp({
    settings,
    log,
    clock,
    callers: people.callers,
    webFolder: options.webFolder,
    trace: tracing?.request,
    underWay,
    refused: auditLog.refusals.note,
    hostInScope: async (scope, id) => (await hostsInScope(database, scope, [id])).has(id),
    health: {
      metrics,
      databaseFault: () => options.database.fault(),
      missingMigrations: () => missingMigrations(database),
      replica: replica?.state,
    },
    handlers: {
      ...people.handlers,
      ...reads.handlers((from) => fleetHandlers(createFleet(from, clock, compliance.exposureOf))),
      ...complianceHandlers({ database, clock, compliance }),
      ...complianceDocumentHandlers({
        ...{ reads, clock, compliance, version: serverPackage.version },
        note: createReadings(database, clock, log),
      }),
      ...reads.handlers((from) => hostHandlers(createHosts(from, clock))),
      ...enrolmentHandlers({
        ...{ database, clock, authorities: options.authorities, agentFile: options.agentFile },
        createJoinToken: options.createJoinToken,
        agentAddress: settings.agentAddress,
        agentHost: settings.agentHost,
        agentPort: options.agentPort ?? (() => settings.agentPort),
      }),
      ...auditLog.handlers,
      ...commandHandlers({ database, clock, key: options.commandKey, offered: options.offeredAgent }),
      ...patchHandlers({ database, clock, files, fitHosts, taskLooks }),
      ...rolloutHandlers({ database, clock, fitHosts }),
      ...exposureChangeHandlers({ database, clock, fitHosts }),
      ...dryRunHandlers({ database, clock, fitHosts, dryRuns }),
      ...rolloutTemplateHandlers({ database, clock }),
      ...rolloutPolicyHandlers({ database, clock }),
      ...alertHandlers({ database, clock }),
      ...channelHandlers({ database, clock, secrets, send: sender.send }),
      ...rebootDebtHandlers({ database, reads, clock }),
      ...reportHandlers({ database, clock, compliance }),
      ...pushSubscriptionHandlers({ database, clock, secrets, send: sender.send, pushKeys }),
      ...cveFeedHandlers({ database, clock, hasFolder: settings.feedsFolder !== undefined }),
      ...reads.handlers((from) => exposureHandlers({ database: from, primary: database, clock })),
      ...hostHourHandlers({ reads, clock }),
      ...clickSpanHandlers(tracing, clock),
      ...eventHandlers(hub),
    },
  })
  const server = createHttpServer(app, settings)

  const notifications = openNotifications(options.database.connection, log)
  const woken = { notified: () => void hub.wake(), mayHaveMissed: () => void hub.wake() }
  const unsubscribe = await notifications.subscribe(EVENTS_CHANNEL, woken)
  await dispatcher.start(notifications)
  await taskLooks.start(notifications)
  await rollouts.start(notifications)
  await deliverer.start(notifications)
  await alerts.start(notifications)
  await offerShippedFeed(database, options.shippedFacts, clock.now())
  await feedReader.start(notifications)
  await exposure.start(notifications)
  compliance.start()
  const closing = new AbortController()
  const missingFacts = readMissingFacts(database, files, log, closing.signal).catch((error: unknown) => {
    log.warn({ err: error }, 'modules of an earlier version could not be read')
  })
  const periodic = [
    auditLog.start(),
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

  const baseUrl = () => {
    const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host
    const reachable = host === '0.0.0.0' || host === '[::]' ? '127.0.0.1' : host
    return `${settings.tls === undefined ? 'http' : 'https'}://${reachable}:${port}`
  }

  return {
    ingest,
    enrolmentStore,
    commands: dispatcher,
    taskLooks,
    auditWitness: auditLog.witness,
    onCertificatesEnded: (listener) =>
      notifications.subscribe(CERTIFICATES_CHANNEL, { notified: listener, mayHaveMissed: listener }),
    shareAgents: (agents, address) =>
      shareAgents({ database, log, metrics: metrics.registry, random: Math.random, agents, address }),
    async listen() {
      port = await listen(server, settings)
      return { url: baseUrl(), port }
    },
    async createSignInLink() {
      const link = await people.createFirstUserLink()
      return link && { url: `${baseUrl()}${link.path}`, expiresAt: link.expiresAt }
    },
    async close() {
      closing.abort()
      hub.streams.endAll()
      await drain(server)
      unsubscribe()
      await dryRuns.close()
      await rollouts.close()
      await exposure.close()
      await compliance.close()
      await alerts.close()
      ownFacts.close()
      await deliverer.close()
      await feedReader.close()
      await dispatcher.close()
      taskLooks.close()
      await missingFacts
      await Promise.all(periodic.map((end) => end()))
      await tracing?.close()
      await notifications.close()
      await replica?.close()
    },
  }
}
