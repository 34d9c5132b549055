import { PROTOCOL_VERSION, PROTOCOL_VERSION_MIN } from '@rebootless/shared/contract/agent-message.ts'
import { KernelReadings } from '@rebootless/shared/contract/kernel-readings.ts'
import type { Signed } from '@rebootless/shared/contract/signed.ts'
import { TaskLook, type TasksWanted } from '@rebootless/shared/contract/task-look.ts'
import { MOVE_INTERVAL_MS, RESULTS_PACE } from '@rebootless/shared/domain/agent-link.ts'
import { createRate } from '@rebootless/shared/domain/message-rate.ts'
import type { WebSocket } from 'ws'
import type { Clock } from '../clock.ts'
import type { CommandTaker } from '../commands/command-taker.ts'
import type { ObserverListener } from '../observer.ts'
import { helloAsOf } from './as-of-protocol.ts'
import { backOffMs } from './back-off.ts'
import { dial } from './dial.ts'
import { EPOCH_MAX } from './epoch.ts'
import type { AgentIdentity } from './identity.ts'
import type { HelloFacts, Outbox, ResultFacts } from './outbox.ts'
import { sendableSnapshot } from './sendable-snapshot.ts'
import type { ServerChoice } from './server-choice.ts'
import { runSession, type SessionEnd } from './session.ts'

/** A link that held for so long was a good one: the next attempt may come soon. */
const GOOD_LINK_MS = 10_000
/** Refusals that a quick repetition does not mend; another agent with our identity would fight us for the link. */
const REFUSED_WAIT_MS = 30_000
/** These pass by themselves: the database restarts, say. */
const PASSING: readonly string[] = ['not_ready', 'internal']

/** Refusals by which a server of before answers a hello of today. */
const TOO_NEW: readonly string[] = ['protocol_unsupported', 'agent_frame_invalid']

export type LinkEvent =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected'; readonly skewMs: number }
  | { readonly kind: 'contact' }
  | { readonly kind: 'snapshot_stored' }
  | { readonly kind: 'waiting'; readonly reason: string; readonly refusal: string | undefined; readonly waitMs: number }
  /** A snapshot that cannot be sent, or only in part. */
  | { readonly kind: 'snapshot_cut'; readonly detail: string }

export interface AgentLinkOptions {
  /** Asked anew for each connection: certificates are renewed. */
  readonly identity: () => Promise<AgentIdentity>
  readonly outbox: Outbox
  /** Where links go; absent: to the server that the identity names. */
  readonly choice?: ServerChoice | undefined
  /** Asked anew for each link: the host's own settings may have changed. As of PROTOCOL_VERSION. */
  readonly hello: () => Promise<HelloFacts>
  /** A signed head of the server's audit log, to be held. */
  onAuditHead(head: Signed): void
  /** The server asks who sleeps in some functions; `null`: it is not told, for that is not looked for now. */
  lookForTasks?(wanted: TasksWanted): Promise<TaskLook | null>
  /** The server says which authorities to trust from now on, PEM. */
  onAuthorities(certificateAuthorities: string[]): void
  readonly clock: Clock
  /** From 0 to below 1. */
  readonly random: () => number
  onEvent(event: LinkEvent): void
  readonly commands?: CommandTaker | undefined
  /** Called after the server refused the certificate; true when there is another now. */
  readonly replaceIdentity?: (() => Promise<boolean>) | undefined
  /** Goes above an epoch, on the disk, and answers the new one. Absent: the epoch stays. */
  readonly raiseEpoch?: ((above: number) => Promise<number>) | undefined
  readonly dial?: (identity: AgentIdentity) => WebSocket
}

export interface AgentLink {
  /** Where the observer puts what it saw. */
  readonly listener: ObserverListener
  /** Says what became of a command, over links, until the server has it. */
  result(facts: ResultFacts): void
  /** Keeps a link open until aborted; never rejects. */
  run(signal: AbortSignal): Promise<void>
  /** Ends the present connection, if any, for one with the identity as it is now. */
  reconnect(): void
}

export const createAgentLink = (options: AgentLinkOptions): AgentLink => {
  const { outbox, clock, choice } = options
  const pace = createRate(RESULTS_PACE, clock.monotonicMicroseconds() / 1000)
  let flush: () => void = () => {}
  let saidFirst = false
  let session = new AbortController()
  let welcomed = false
  let raised = false
  let movedAt = Number.NEGATIVE_INFINITY

  /**
   * A machine that went back to an older image counts from an older epoch. The same epoch is another run's too, unless
   * it was we who said something under it; asked once, lest two that count differently never agree.
   */
  const isBehind = (epochSeen: number): boolean => {
    if (options.raiseEpoch === undefined || epochSeen >= EPOCH_MAX) return false
    return epochSeen > outbox.epoch() || (epochSeen === outbox.epoch() && !welcomed && !raised)
  }

  const listener: ObserverListener = {
    snapshot(snapshot, hash) {
      const sendable = sendableSnapshot(snapshot)
      if (sendable?.cut !== undefined) options.onEvent({ kind: 'snapshot_cut', detail: sendable.cut })
      if (sendable === undefined) {
        outbox.withdrawSnapshot() // or heartbeats would go on to confirm the one before
        return options.onEvent({ kind: 'snapshot_cut', detail: 'the snapshot breaks the contract: not sent' })
      }
      // What the last run said of a transition may be over: this run begins by saying what it sees.
      if (!saidFirst) outbox.transition(sendable.snapshot.transition)
      saidFirst = true
      outbox.snapshot(sendable.snapshot, hash)
      flush()
    },
    transition(sample) {
      saidFirst = true
      outbox.transition(sample)
      flush()
    },
    kernelReadings(readings) {
      // What breaks the contract would cost the link; that nothing is known of the kernel then, the server sees.
      if (!KernelReadings.safeParse(readings).success) return
      outbox.kernelReadings(readings)
      flush()
    },
  }

  const answerTasksWanted = async (wanted: TasksWanted): Promise<void> => {
    const look = TaskLook.safeParse(await options.lookForTasks?.(wanted))
    if (!look.success) return
    outbox.taskLook(look.data)
    flush()
  }

  /** A server gone wild does not keep the host on its way. */
  const mayMove = (): boolean => {
    const now = clock.monotonicMicroseconds() / 1000
    if (now - movedAt < MOVE_INTERVAL_MS) return false
    movedAt = now
    return true
  }

  const run = async (signal: AbortSignal): Promise<void> => {
    let attempt = 0
    /** The next link is opened as an agent of this protocol would. */
    let protocol = PROTOCOL_VERSION
    while (!signal.aborted) {
      session = new AbortController()
      const { signal: replaced } = session
      let identityReplaced = false
      options.onEvent({ kind: 'connecting' })
      let end: SessionEnd
      try {
        const hello = helloAsOf(protocol, await options.hello())
        const identity = await options.identity()
        const server = (await choice?.next(identity.server)) ?? identity.server
        end = await runSession((options.dial ?? dial)({ ...identity, server }), {
          ...{ outbox, pace, commands: options.commands },
          hello,
          clock,
          signal: AbortSignal.any([signal, replaced]),
          isBehind,
          onWelcome: (skewMs) => {
            welcomed = true
            options.onEvent({ kind: 'connected', skewMs })
          },
          onSnapshotStored: () => options.onEvent({ kind: 'snapshot_stored' }),
          onContact: () => options.onEvent({ kind: 'contact' }),
          onAuditHead: options.onAuditHead,
          onAuthorities: options.onAuthorities,
          onTasksWanted: (wanted) => void answerTasksWanted(wanted),
          mayMove,
          onReady: (ready) => {
            flush = ready
          },
        })
        if (end.refusal === 'certificate_refused' && options.replaceIdentity !== undefined && !signal.aborted) {
          identityReplaced = await options.replaceIdentity()
        }
        if (end.epochSeen !== undefined && options.raiseEpoch !== undefined) {
          outbox.enterEpoch(await options.raiseEpoch(end.epochSeen))
          raised = true
        }
      } catch (error) {
        end = { welcomedForMs: 0, refusal: undefined, reason: error instanceof Error ? error.message : String(error) }
      }
      flush = () => {}
      if (signal.aborted) return
      if (end.welcomedForMs >= GOOD_LINK_MS) attempt = 0
      // A server of before refuses what it does not know; the next may be of today again (T21).
      const isOlder: boolean = end.welcomedForMs === 0 && TOO_NEW.includes(end.refusal ?? '')
      const stepsDown: boolean = isOlder && protocol > PROTOCOL_VERSION_MIN
      protocol = stepsDown ? protocol - 1 : PROTOCOL_VERSION
      const mended = identityReplaced || end.epochSeen !== undefined
      if (end.moves === true) {
        choice?.leave(true)
        continue
      }
      if (replaced.aborted || stepsDown || (mended && attempt === 0)) {
        attempt += 1
        continue
      }
      const leastMs = end.refusal === undefined || PASSING.includes(end.refusal) ? 0 : REFUSED_WAIT_MS
      const waitMs = leastMs + backOffMs(attempt, options.random)
      // One that has not failed yet is not made to wait longer for the others.
      if (choice?.leave(end.welcomedForMs > 0) !== true) attempt += 1
      options.onEvent({ kind: 'waiting', reason: end.reason, refusal: end.refusal, waitMs })
      await clock.sleep(waitMs, signal)
    }
  }
  const result = (facts: ResultFacts): void => {
    outbox.result(facts)
    flush()
  }
  return { listener, result, run, reconnect: () => session.abort() }
}
