import { PROTOCOL_VERSION } from '@rebootless/shared/contract/agent-message.ts'
import { CLOCK_SKEW_MS_MAX } from '@rebootless/shared/domain/agent-link.ts'
import type { HostOrigin } from '@rebootless/shared/domain/words.ts'
import type { WebSocket } from 'ws'
import type { Clock } from './clock.ts'
import type { HostPolicy } from './config/host-policy.ts'
import { createAgentLink, type LinkEvent } from './link/agent-link.ts'
import { ensureEnrolled } from './link/enrol.ts'
import { raiseEpoch } from './link/epoch.ts'
import { type AgentIdentity, readIdentity } from './link/identity.ts'
import { createOutbox } from './link/outbox.ts'
import { keepIdentityFresh } from './link/renew.ts'
import { type AgentStatus, writeStatus } from './link/status-file.ts'
import type { HostObserver } from './observer.ts'
import { AGENT_VERSION } from './version.ts'

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
  /** Asked at each connection. Default: `observe`. */
  readonly policy?: () => Promise<HostPolicy>
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
  const instant = () => new Date(clock.now()).toISOString()
  const epoch = await raiseEpoch(dataDirectory, clock.now())
  const policy = await policyNow()
  let status: AgentStatus = {
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
  }
  // One write at a time, of whatever is newest then: contacts come faster than a slow disk.
  let written = Promise.resolve()
  let writePlanned = false
  const tell = (change: Partial<AgentStatus>): void => {
    if (options.keepsStatus === false) return
    status = { ...status, ...change }
    if (writePlanned) return
    writePlanned = true
    written = written
      .then(async () => {
        writePlanned = false
        await writeStatus(dataDirectory, status)
      })
      .catch((error: unknown) => log.warn(`status not written: ${String(error)}`))
  }

  const onEvent = (event: LinkEvent): void => {
    switch (event.kind) {
      case 'connecting':
        tell({ state: 'connecting' })
        break
      case 'connected': {
        tell({ state: 'connected', reason: null, lastContactAt: instant(), clockSkewMs: event.skewMs })
        log.info(`connected to ${identity.server}`)
        if (Math.abs(event.skewMs) > CLOCK_SKEW_MS_MAX) {
          log.warn(`the clock of this host is ${Math.round(event.skewMs / 1000)} s off the server's: set it right`)
        }
        break
      }
      case 'contact':
        tell({ lastContactAt: instant() })
        break
      case 'snapshot_cut':
        log.warn(event.detail)
        tell({ snapshotCut: event.detail })
        break
      case 'waiting':
        tell({ state: 'waiting', reason: event.reason })
        log.warn(
          `not connected to ${identity.server}: ${event.reason}; trying again in ${Math.ceil(event.waitMs / 1000)} s`,
        )
    }
  }

  const { token } = options
  let bootId: string | null = null
  let replacedAt = Number.NEGATIVE_INFINITY
  const link = createAgentLink({
    identity: async () => (await readIdentity(dataDirectory)) ?? identity,
    outbox: createOutbox(epoch, clock.now),
    clock,
    random,
    onEvent,
    ...(options.dial && { dial: options.dial }),
    raiseEpoch: async (above) => {
      const greater = await raiseEpoch(dataDirectory, clock.now(), above)
      tell({ epoch: greater })
      log.warn(`the server knows epoch ${above} of this host: going on with ${greater}`)
      return greater
    },
    hello: async () => {
      const { hostClass, reason } = await policyNow()
      tell({ hostClass, classReason: reason })
      bootId ??= (await observer.current()).kernel.bootId
      return {
        protocol: PROTOCOL_VERSION,
        agentVersion: AGENT_VERSION,
        hostName: options.hostName,
        hostClass,
        origin: options.origin,
        bootId,
      }
    },
    replaceIdentity:
      token === undefined
        ? undefined
        : async () => {
            if (clock.now() - replacedAt < REPLACED_AGAIN_MS) return false
            replacedAt = clock.now()
            await ensureEnrolled({ ...options, server: identity.server, token, now: clock.now, force: true })
            return true
          },
  })

  // An agent that no longer sees its kernel must not go on saying that all is well.
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const observing = observer.run(link.listener, signal).catch((error: unknown) => {
    stop.abort()
    throw error
  })
  try {
    await Promise.all([
      link.run(signal),
      observing,
      keepIdentityFresh({
        dataDirectory,
        clock,
        signal,
        random,
        onRenewed: () => link.reconnect(),
        onFailed: (reason) => log.warn(`the certificate could not be renewed: ${reason}`),
      }),
    ])
  } finally {
    stop.abort()
    tell({ state: 'stopped' })
    await written
  }
}
