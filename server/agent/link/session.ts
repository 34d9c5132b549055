import type { IncomingMessage } from 'node:http'
import {
  FRAME_BYTES_MAX,
  KERNEL_READINGS_INTERVAL_MS,
  ServerMessage,
} from '@rebootless/shared/contract/agent-message.ts'
import { Problem } from '@rebootless/shared/contract/problem.ts'
import type { Signed } from '@rebootless/shared/contract/signed.ts'
import type { TasksWanted } from '@rebootless/shared/contract/task-look.ts'
import {
  KERNEL_READINGS_SINCE,
  LINK_CLOSE,
  RESULTS_PACE,
  RESULTS_UNDER_WAY_MAX,
  TASK_LOOKS_SINCE,
} from '@rebootless/shared/domain/agent-link.ts'
import type { Rate } from '@rebootless/shared/domain/message-rate.ts'
import type { RawData, WebSocket } from 'ws'
import type { Clock } from '../clock.ts'
import type { CommandTaker } from '../commands/command-taker.ts'
import { messageAsOf1 } from './as-of-protocol.ts'
import { LET_IN_MS_MAX } from './dial.ts'
import type { HelloFacts, Outbox } from './outbox.ts'

/** The contract's "transition at most each second". */
const TRANSITION_INTERVAL_MS = 1000
/** The server pings every 10 s; after three that did not come, nobody is there. */
const SILENCE_MS_MAX = 35_000
const CLOSE_GRACE_MS = 500

export interface SessionEnd {
  readonly welcomedForMs: number
  /** Code of the refusal, when there was one: shared/domain/errors.ts and agent-link.ts. */
  readonly refusal: string | undefined
  readonly reason: string
  /** The server has asked the host to go to another, and it goes. */
  readonly moves?: boolean | undefined
  /** The server has heard this host under so great an epoch that ours would count for nothing. */
  readonly epochSeen?: number | undefined
}

export interface SessionContext {
  readonly commands?: CommandTaker | undefined
  readonly outbox: Outbox
  /** Of results, over all links: RESULTS_PACE. */
  readonly pace: Rate
  readonly hello: HelloFacts
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Whether an epoch that the server has seen leaves ours behind. */
  isBehind(epochSeen: number): boolean
  /** Called once, with the host's clock minus the server's in milliseconds. */
  onWelcome(skewMs: number): void
  /** The server has stored a snapshot of this run. */
  onSnapshotStored?(): void
  /** The server was heard. */
  onContact(): void
  /** A signed head of the server's audit log, to be held. */
  onAuditHead(head: Signed): void
  onTasksWanted(wanted: TasksWanted): void
  /** Whether the host goes elsewhere now that it is asked. */
  mayMove(): boolean
  /** The server says which authorities to trust from now on, PEM. */
  onAuthorities(certificateAuthorities: string[]): void
  /** Gives the session's `flush`, to be called when the outbox has something new. */
  onReady(flush: () => void): void
}

/** Runs one connection from dialling to its end; never rejects, whatever the other side does. */
export const runSession = (socket: WebSocket, context: SessionContext): Promise<SessionEnd> => {
  const { outbox, clock } = context
  const over = new AbortController()
  const sent = new Set<number>()
  const nowMs = () => clock.monotonicMicroseconds() / 1000
  let welcomedAt: number | undefined
  let heardAt = nowMs()
  let helloSentAt = 0
  let transitionSentAt = Number.NEGATIVE_INFINITY
  /** The sample that the server has yet to store: the next waits for that, so that a slow server gets fewer of them. */
  let transitionOnItsWay: number | undefined
  let kernelReadingsSentAt = Number.NEGATIVE_INFINITY
  const resultsUnderWay = new Set<number>()
  let flushPlanned = false
  let snapshotAnsweredAt = Number.NEGATIVE_INFINITY
  let refusal: string | undefined
  let reason = 'the connection ended'
  let epochSeen: number | undefined
  let moves = false

  const flushAfter = (milliseconds: number): void => {
    if (flushPlanned) return
    flushPlanned = true
    void clock.sleep(milliseconds, over.signal).then(() => {
      flushPlanned = false
      flush()
    })
  }

  const flush = (): void => {
    if (welcomedAt === undefined || over.signal.aborted) return
    let resultsWait = false
    for (const message of outbox.unacknowledged()) {
      if (sent.has(message.sequence)) continue
      if (socket.bufferedAmount > FRAME_BYTES_MAX) {
        flushAfter(TRANSITION_INTERVAL_MS)
        return
      }
      if (message.type === 'transition') {
        if (transitionOnItsWay !== undefined) continue
        const wait = transitionSentAt + TRANSITION_INTERVAL_MS - nowMs()
        if (wait > 0) {
          flushAfter(wait)
          continue
        }
        transitionSentAt = nowMs()
        transitionOnItsWay = message.sequence
      }
      if (message.type === 'kernel_readings') {
        if (context.hello.protocol < KERNEL_READINGS_SINCE) continue
        // It goes with a later heartbeat, or one that has taken its place by then.
        if (nowMs() - kernelReadingsSentAt < KERNEL_READINGS_INTERVAL_MS) continue
        kernelReadingsSentAt = nowMs()
      }
      if (message.type === 'task_look' && context.hello.protocol < TASK_LOOKS_SINCE) continue
      if (message.type === 'result') {
        if (resultsWait || resultsUnderWay.size >= RESULTS_UNDER_WAY_MAX) continue
        if (!context.pace.take(1, nowMs())) {
          resultsWait = true // all of them, so that they keep their order
          flushAfter(1000 / RESULTS_PACE.perSecond)
          continue
        }
        resultsUnderWay.add(message.sequence)
      }
      sent.add(message.sequence)
      socket.send(JSON.stringify(context.hello.protocol === 1 ? messageAsOf1(message) : message))
    }
  }

  const heartbeats = async (intervalMs: number): Promise<void> => {
    while (!over.signal.aborted) {
      flush() // first: a heartbeat names the snapshot that the server should hold by then
      const heartbeat = outbox.heartbeat()
      if (heartbeat !== undefined && socket.bufferedAmount <= FRAME_BYTES_MAX) socket.send(JSON.stringify(heartbeat))
      await clock.sleep(intervalMs, over.signal)
    }
  }

  const watchSilence = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const leftMs = () => heardAt + (welcomedAt === undefined ? LET_IN_MS_MAX : SILENCE_MS_MAX) - nowMs()
      await clock.sleep(Math.max(1000, leftMs()), over.signal)
      if (over.signal.aborted || leftMs() > 0) continue
      reason = 'the server no longer answers'
      socket.terminate()
    }
  }

  const heard = (): void => {
    heardAt = nowMs()
    if (welcomedAt !== undefined) context.onContact()
  }

  const close = (code: number, why: string): void => {
    reason = why
    socket.close(code)
    void clock.sleep(CLOSE_GRACE_MS, over.signal).then(() => socket.terminate())
  }

  /** What comes after a message that is none counts for nothing, however much it is until the link is closed. */
  let refusing = false
  const refuse = (code: number, why: string): void => {
    refusing = true
    close(code, why)
  }

  const act = (message: ServerMessage): void => {
    switch (message.type) {
      case 'welcome': {
        if (welcomedAt !== undefined) return
        if (message.epochSeen !== null && context.isBehind(message.epochSeen)) {
          epochSeen = message.epochSeen
          close(1000, 'the server knows a later run of this agent than this one')
          return
        }
        welcomedAt = nowMs()
        const middle = (helloSentAt + clock.now()) / 2 // half the round trip each way
        context.onWelcome(Math.round(middle - Date.parse(message.serverTime)))
        void heartbeats(message.heartbeatIntervalMs)
        return
      }
      case 'acknowledged': {
        const arrived = outbox.acknowledge(message)
        if (arrived?.type === 'result') context.commands?.acknowledged(arrived)
        if (arrived?.type === 'snapshot') context.onSnapshotStored?.()
        const wasSample = message.sequence === transitionOnItsWay
        if (wasSample) transitionOnItsWay = undefined
        if (resultsUnderWay.delete(message.sequence) || wasSample) flush()
        return
      }
      case 'command':
        context.commands?.command(message)
        return
      case 'freeze':
        context.commands?.freeze(message.freeze)
        return
      case 'snapshot_wanted':
        if (nowMs() - snapshotAnsweredAt < 1000) return // a server gone wild does not make us work
        snapshotAnsweredAt = nowMs()
        // One that is on its way answers this already; were it lost, the next heartbeat would bring the question again.
        if (!outbox.unacknowledged().some(({ type }) => type === 'snapshot')) outbox.offerSnapshotAgain()
        flush()
        return
      case 'audit_head':
        context.onAuditHead(message.head)
        return
      case 'look_for_tasks':
        context.onTasksWanted(message.wanted)
        return
      case 'go_elsewhere':
        if (welcomedAt === undefined || moves || !context.mayMove()) return
        moves = true
        close(1000, 'the server asked this agent to go elsewhere')
        return
      case 'authorities':
        context.onAuthorities(message.certificateAuthorities)
        return
      case 'refused':
        refusal = message.code
        reason = message.detail
    }
  }

  socket.on('open', () => {
    helloSentAt = clock.now()
    socket.send(JSON.stringify(outbox.hello(context.hello)))
  })
  socket.on('ping', heard)
  socket.on('message', (data: RawData, binary: boolean) => {
    if (refusing) return
    if (binary) return refuse(LINK_CLOSE.binary, 'the server sent a binary message')
    const parsed = parseServerMessage(String(data))
    if (parsed === undefined) return refuse(LINK_CLOSE.policy, 'the server sent what this agent does not understand')
    act(parsed)
    heard()
  })
  socket.on('unexpected-response', (_request: unknown, response: IncomingMessage) => {
    void readProblem(response).then((problem) => {
      refusal = problem?.type.replace('/problems/', '')
      reason = problem?.detail ?? `the server answered ${response.statusCode}`
      socket.terminate()
    })
  })
  socket.on('error', (error: Error) => {
    if (refusal === undefined && reason === 'the connection ended') reason = error.message
  })
  const stop = () => close(1000, 'the agent stops')
  context.signal.addEventListener('abort', stop, { once: true })
  context.onReady(flush)
  void watchSilence()

  return new Promise((resolve) => {
    socket.once('close', () => {
      over.abort()
      context.signal.removeEventListener('abort', stop)
      resolve({ welcomedForMs: welcomedAt === undefined ? 0 : nowMs() - welcomedAt, refusal, reason, epochSeen, moves })
    })
    if (context.signal.aborted) stop()
  })
}

const parseServerMessage = (text: string): ServerMessage | undefined => {
  try {
    return ServerMessage.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

const readProblem = async (response: IncomingMessage): Promise<Problem | undefined> => {
  try {
    let text = ''
    for await (const chunk of response.setEncoding('utf8')) {
      text += chunk
      if (text.length > 16_384) return undefined
    }
    return Problem.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
