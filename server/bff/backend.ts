import { type Kysely, sql } from 'kysely'
import serverPackage from '../package.json' with { type: 'json' }
import { createPeople } from './access/people.ts'
import { createDueDates } from './alerts/due-dates.ts'
import { createAlertEngine } from './alerts/engine.ts'
import { createOwnFacts } from './alerts/own-facts.ts'
import { alertHandlers } from './alerts/routes.ts'
import { createAuditLog } from './audit/audit-log.ts'
import { createReadings } from './audit/note-reading.ts'
import type { Backend, BackendOptions } from './backend-ports.ts'
import { createDeliverer } from './channels/deliverer.ts'
import { makePushKeys, readPushKeys } from './channels/push-keys.ts'
import { pushSubscriptionHandlers } from './channels/push-routes.ts'
import { channelHandlers } from './channels/routes.ts'
import { createSender } from './channels/send-message.ts'
import { systemClock } from './clock.ts'
import { createDispatcher } from './commands/dispatcher.ts'
import { commandHandlers } from './commands/routes.ts'
import { complianceHandlers } from './compliance/routes.ts'
import { createCompliance } from './compliance/service.ts'
import { complianceDocumentHandlers } from './compliance-documents/routes.ts'
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
import { eventHandlers } from './events/routes.ts'
import { createJudgeApart } from './exposure/judge-apart.ts'
import { createExposureKeeper } from './exposure/keeper.ts'
import { exposureHandlers } from './exposure/routes.ts'
import { exposureChangeHandlers } from './exposure-change/routes.ts'
import { fleetHandlers } from './fleet/routes.ts'
import { createFleet } from './fleet/service.ts'
import { registerFleetMetrics } from './health/fleet-metrics.ts'
import { createMetrics } from './health/metrics.ts'
import { hostHourHandlers } from './host-hours/routes.ts'
import { hostsInScope, WHOLE_FLEET } from './hosts/host-scope.ts'
import { hostHandlers } from './hosts/routes.ts'
import { createHosts } from './hosts/service.ts'
import { createApp } from './http/app.ts'
import { createHttpServer, drain, listen } from './http/listen.ts'
import { createRequestsUnderWay } from './http/requests-under-way.ts'
import { createIngest } from './ingest/ingest.ts'
import { createIngestApart } from './ingest/ingest-apart.ts'
import { createGuardedFetch } from './outgoing/guarded-fetch.ts'
import { createGuardedConnect } from './outgoing/guarded-socket.ts'
import { openArtefactFiles } from './patches/artefact-files.ts'
import { createFitHosts } from './patches/fit-hosts.ts'
import { readMissingFacts } from './patches/modules.ts'
import { patchHandlers } from './patches/routes.ts'
import { createTaskLooks } from './patches/task-looks.ts'
import { startPeriodicWork } from './periodic-work.ts'
import { shareAgents } from './presence/share-agents.ts'
import { rebootDebtHandlers } from './reboot-debt/routes.ts'
import { reportHandlers } from './reports/routes.ts'
import { createRolloutDriver } from './rollouts/driver.ts'
import { createDryRuns } from './rollouts/dry-run/dry-runs.ts'
import { dryRunHandlers } from './rollouts/dry-run/routes.ts'
import { rolloutPolicyHandlers } from './rollouts/policy-routes.ts'
import { rolloutHandlers } from './rollouts/routes.ts'
import { rolloutTemplateHandlers } from './rollouts/templates.ts'
import { createSecretBox } from './secrets/secret-box.ts'
import { loadSecretsKey } from './secrets/secrets-key.ts'
import { requireSafeTransport } from './settings.ts'
import { clickSpanHandlers } from './tracing/routes.ts'
import { createTracing } from './tracing/tracing.ts'
import { createFeedReader } from './vulnerabilities/feed-reader.ts'
import { FEED_FETCH } from './vulnerabilities/feed-source.ts'
import { cveFeedHandlers } from './vulnerabilities/routes.ts'
import { offerShippedFeed } from './vulnerabilities/shipped-feed.ts'

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
  const ingest = options.ingestsHere
    ? { ...createIngest({ database, clock, observe, observeIncident }), close: async () => undefined }
    : createIngestApart({ connection: options.database.lent }, { observe, observeIncident })
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
  const periodic = [auditLog.start(), ...startPeriodicWork({ database, clock, log, hub, people, compliance })]

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
      await ingest.close()
      await tracing?.close()
      await notifications.close()
      await replica?.close()
    },
  }
}
