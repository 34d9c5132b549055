import { PROTOCOL_VERSION } from '@rebootless/shared/contract/agent-message.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import { CLOCK_SKEW_MS_MAX } from '@rebootless/shared/domain/agent-link.ts'
import type { HostOrigin } from '@rebootless/shared/domain/words.ts'
import type { WebSocket } from 'ws'
import type { Clock } from './clock.ts'
import type { CommandDesk } from './commands/command-desk.ts'
import { type ActingHost, startCommands } from './commands/start-commands.ts'
import type { HostPolicy } from './config/host-policy.ts'
import { policySummary } from './config/policy-summary.ts'
import { isStopped } from './config/stop-file.ts'
import { watchPolicy } from './config/watch-policy.ts'
import { createAgentLink, type LinkEvent } from './link/agent-link.ts'
import { ensureEnrolled } from './link/enrol.ts'
import { raiseEpoch } from './link/epoch.ts'
import { readHeldHeads, takeHead } from './link/held-heads.ts'
import { type AgentIdentity, readIdentity } from './link/identity.ts'
import { createOutbox } from './link/outbox.ts'
import { keepIdentityFresh, learnAuthorities } from './link/renew.ts'
import { createServerChoice } from './link/server-choice.ts'
import { createStatusKeeper } from './link/status-keeper.ts'
import type { HostObserver, ObserverListener } from './observer.ts'
import { AGENT_VERSION } from './version.ts'
import { createAlarm } from './watch/alarm.ts'

interface AgentLog {
  info(text: string): void
  warn(text: string): void
}

/** A server that refuses what it has just certified must not get a new host from us each half minute. */
const REPLACED_AGAIN_MS = 10 * 60_000

export interface RunAgentOptions {
  readonly observer: HostObserver
  readonly clock: Clock
  /** Holds identity, epoch and status; of one agent only. */
  readonly dataDirectory: string
  readonly hostName: string
  readonly origin: HostOrigin
  readonly signal: AbortSignal
  readonly log: AgentLog
  /** Asked at each connection and each command, and looked at for changes. Default: `observe`. */
  readonly policy?: () => Promise<HostPolicy>
  /** The policy is no file that somebody may change. */
  readonly policyIsFixed?: boolean
  /** What commands act on. Without it none is taken. */
  readonly acts?: ActingHost
  /** By link/machine-id.ts; absent: not told. */
  readonly machineId?: () => Promise<string | undefined>
  /** The server has stored a snapshot of this run. */
  readonly onSnapshotStored?: () => void
  /** From 0 to below 1; default Math.random. */
  readonly random?: () => number
  /**
   * A new join token, where one can be had without a person: the start program gives it to agents of its own, so that
   * they come back by themselves when the server no longer knows them.
   */
  readonly token?: () => Promise<string>
  /** False: nobody asks this agent by `status`, so it writes no status file. Default true. */
  readonly keepsStatus?: boolean
  /** Opens the link; a simulated host's way to the server may be slow or gone. */
  readonly dial?: (identity: AgentIdentity) => WebSocket
}

/**
 * Runs an enrolled agent until aborted: observes, and keeps the server told. Several may run in one process, each with
 * its own data directory. Rejects when the host is not enrolled, its data directory cannot be written, or the observer
 * fails.
 */
export const runAgent = async (options: RunAgentOptions): Promise<void> => {
  const { clock, dataDirectory, log, observer } = options
  const identity = await readIdentity(dataDirectory)
  if (identity === undefined) throw new Error(`This host is not enrolled: there is no identity in ${dataDirectory}.`)
  const random = options.random ?? Math.random
  const policyNow = options.policy ?? (async () => ({ hostClass: 'observe', reason: null, config: null }) as const)
  const policySummaryNow = async () => policySummary(await policyNow(), await isStopped(dataDirectory))
  const instant = () => new Date(clock.now()).toISOString()
  const epoch = await raiseEpoch(dataDirectory, clock.now())
  const policy = await policyNow()
  const { tell, written } = createStatusKeeper({
    ...{ dataDirectory, log, keeps: options.keepsStatus !== false },
    first: {
      pid: process.pid,
      agentVersion: AGENT_VERSION,
      startedAt: instant(),
      epoch,
      state: 'connecting',
      reason: null,
      lastContactAt: null,
      clockSkewMs: null,
      hostClass: policy.hostClass,
      classReason: policy.reason,
      snapshotCut: null,
      lastCommand: null,
    },
  })

  const choice = createServerChoice(async () => (await policyNow()).config?.servers ?? [], random)
  const serverNow = () => choice.current() ?? identity.server

  const onEvent = (event: LinkEvent): void => {
    switch (event.kind) {
      case 'connecting':
        tell({ state: 'connecting' })
        break
      case 'connected': {
        skewMs = event.skewMs
        tell({ state: 'connected', reason: null, lastContactAt: instant(), clockSkewMs: event.skewMs })
        log.info(`connected to ${serverNow()}`)
        if (Math.abs(event.skewMs) > CLOCK_SKEW_MS_MAX) {
          log.warn(`the clock of this host is ${Math.round(event.skewMs / 1000)} s off the server's: set it right`)
        }
        break
      }
      case 'contact':
        tell({ lastContactAt: instant() })
        break
      case 'snapshot_stored':
        options.onSnapshotStored?.()
        break
      case 'snapshot_cut':
        log.warn(event.detail)
        tell({ snapshotCut: event.detail })
        break
      case 'waiting':
        tell({ state: 'waiting', reason: event.reason })
        log.warn(
          `not connected to ${serverNow()}: ${event.reason}; trying again in ${Math.ceil(event.waitMs / 1000)} s`,
        )
    }
  }

  let sample: TransitionSample | null = null
  let skewMs: number | null = null
  let desk: CommandDesk | null = null
  let offered = ''
  const { token } = options
  let bootId: string | null = null
  let replacedAt = Number.NEGATIVE_INFINITY
  // An agent that no longer sees its kernel must not go on saying that all is well.
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const freshness = createAlarm(clock, signal)
  const link = createAgentLink({
    identity: async () => (await readIdentity(dataDirectory)) ?? identity,
    outbox: createOutbox(epoch, clock.now),
    choice,
    clock,
    random,
    onEvent,
    commands: {
      command: (message) => desk?.command(message),
      freeze: (freeze) => desk?.freeze(freeze),
      acknowledged: (result) => desk?.acknowledged(result),
    },
    ...(options.dial && { dial: options.dial }),
    onAuditHead: (head) => void takeHead(dataDirectory, head, log.warn),
    lookForTasks: async (wanted) => (await observer.lookForTasks?.(wanted)) ?? null,
    onAuthorities: (authorities) => {
      learnAuthorities(dataDirectory, authorities).then(
        (learnt) => {
          if (learnt) freshness.ring()
        },
        (error: unknown) => log.warn(`what the server said of its authorities was not kept: ${String(error)}`),
      )
    },
    raiseEpoch: async (above) => {
      const greater = await raiseEpoch(dataDirectory, clock.now(), above)
      tell({ epoch: greater })
      log.warn(`the server knows epoch ${above} of this host: going on with ${greater}`)
      return greater
    },
    hello: async () => {
      const summary = await policySummaryNow()
      const { hostClass } = summary
      offered = JSON.stringify(summary)
      tell({ hostClass, classReason: summary.reason })
      bootId ??= (await observer.current()).kernel.bootId
      const machineId = await options.machineId?.()
      const auditHead = (await readHeldHeads(dataDirectory)).at(-1)
      return {
        protocol: PROTOCOL_VERSION,
        agentVersion: AGENT_VERSION,
        hostName: options.hostName,
        hostClass,
        origin: options.origin,
        bootId,
        policy: summary,
        ...(machineId === undefined ? {} : { machineId }),
        ...(auditHead === undefined ? {} : { auditHead }),
      }
    },
    replaceIdentity:
      token === undefined
        ? undefined
        : async () => {
            if (clock.now() - replacedAt < REPLACED_AGAIN_MS) return false
            replacedAt = clock.now()
            const given = { ...options, machineId: await options.machineId?.() }
            await ensureEnrolled({ ...given, server: identity.server, token, now: clock.now, force: true })
            return true
          },
  })

  const listener: ObserverListener = {
    snapshot: link.listener.snapshot,
    looked(latest) {
      sample = latest
    },
    transition: link.listener.transition,
    kernelReadings: (readings) => link.listener.kernelReadings?.(readings),
  }
  if (options.acts !== undefined) {
    desk = await startCommands({
      ...{ host: options.acts, observer, clock, dataDirectory, signal, policy: policyNow },
      recorded: options.origin === 'recorded',
      identity: async () => ({ ...((await readIdentity(dataDirectory)) ?? identity), server: serverNow() }),
      sample: () => sample,
      skewMs: () => skewMs,
      report(result) {
        tell({ lastCommand: `${result.state}${result.code === null ? '' : ` (${result.code})`}: ${result.detail}` })
        link.result(result)
      },
      warn: log.warn,
    })
  }
  const observing = observer.run(listener, signal).catch((error: unknown) => {
    stop.abort()
    throw error
  })
  try {
    await Promise.all([
      link.run(signal),
      observing,
      options.policyIsFixed === true
        ? undefined
        : watchPolicy(clock, signal, async () => {
            const now = JSON.stringify(await policySummaryNow())
            if (offered !== '' && now !== offered) link.reconnect()
          }),
      keepIdentityFresh({
        dataDirectory,
        clock,
        signal,
        random,
        alarm: freshness,
        server: choice.current,
        onRenewed: () => link.reconnect(),
        onFailed: (reason) => log.warn(`the certificate could not be renewed: ${reason}`),
      }),
    ])
  } finally {
    stop.abort()
    // What hangs in the kernel must not hold up the end: the next run looks at what became of it.
    const ended = new AbortController()
    await Promise.race([desk?.idle(), clock.sleep(END_MS, ended.signal)])
    ended.abort()
    tell({ state: 'stopped' })
    await written()
  }
}

const END_MS = 1_000
