import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  AgentMessage,
  type Heartbeat,
  type Hello,
  PROTOCOL_VERSION,
  PROTOCOL_VERSION_MIN,
  type ReadingMessage,
  type ServerMessage,
} from '@rebootless/shared/contract/agent-message.ts'
import {
  COMMANDS_SINCE,
  LINK_CLOSE,
  type LinkRefusal,
  MOVES_SINCE,
  TASK_LOOKS_SINCE,
} from '@rebootless/shared/domain/agent-link.ts'
import type { ErrorCode } from '@rebootless/shared/domain/errors.ts'
import type { RawData, WebSocket } from 'ws'
import type { AgentPeer } from './client-certificate.ts'
import type { BudgetLimits, HostBudget } from './host-budgets.ts'
import { compareAuditHead, lookAtMachine } from './look-at-hello.ts'
import type { AuditWitness, CommandLinks, EnrolmentStore, Ingest, TaskLookLinks } from './ports.ts'
import { createPulse } from './pulse.ts'
import { createSkewMeter } from './skew-meter.ts'

/** Fields of pino's logger that are used here. */
export interface LinkLog {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
}

export interface LinkSettings extends BudgetLimits {
  readonly heartbeatIntervalMs: number
  readonly pingIntervalMs: number
  /** How long a link that was told to go may take before its socket is cut. */
  readonly closeGraceMs: number
  /** Frames received and not yet stored. */
  readonly queueMax: number
  /** A link younger than this is not asked to go elsewhere. */
  readonly moveAfterMs: number
  /** Bytes that an agent which does not read may leave in our memory. */
  readonly unsentBytesMax: number
}

export interface LinkContext {
  readonly ingest: Ingest
  /** Undefined: this server sends none. */
  readonly commands: CommandLinks | undefined
  /** Undefined: hosts are not asked for tasks. */
  readonly taskLooks: TaskLookLinks | undefined
  /** Undefined: hosts are told of no audit log. */
  readonly auditWitness: AuditWitness | undefined
  readonly machineSeen: EnrolmentStore['machineSeen']
  readonly budget: HostBudget
  /** Of all that the server may show a certificate of, oldest first. */
  readonly authoritiesPem: () => string[]
  readonly now: () => Date
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number
  readonly log: LinkLog
  readonly settings: LinkSettings
}

export interface LinkSession {
  readonly id: string
  readonly peer: AgentPeer
  /** Says why, then closes. */
  refuse(code: ErrorCode | LinkRefusal, detail: string, closeCode?: number): void
  close(closeCode: number): void
  /** Tells the host which authorities to trust, if it understands that. */
  tellAuthorities(): void
  /** Gives the host the newest head of the audit log to hold, if it understands that. */
  tellAuditHead(): void
  /** Asks the agent to go to another server. @returns false where it is too old to be asked, or came just now */
  askToGo(): boolean
  /** Resolves when the socket is closed and the store has been told. */
  readonly ended: Promise<void>
}

/**
 * One agent's link, from the open socket to its end. Frames are parsed and stored one after the other; each is
 * acknowledged once `ingest.accept` has committed it, so an agent knows what it need not send again.
 */
export const openLinkSession = (socket: WebSocket, peer: AgentPeer, context: LinkContext): LinkSession => {
  const { ingest, settings, log } = context
  const id = randomUUID()
  const about = { hostId: peer.hostId, linkId: id }
  let refusing = false
  let helloSeen = false
  /** As the agent said in its hello. */
  let protocol = 0
  const openedAtMs = context.monotonicMs()
  let queued = 0
  let work: Promise<void> = Promise.resolve()
  const pulse = createPulse()
  const skew = createSkewMeter((skewMs) => ingest.clockMeasured(peer.hostId, skewMs))

  const send = (message: ServerMessage): void => {
    if (socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount > settings.unsentBytesMax) {
      log.warn(about, 'agent does not read what it is sent: link cut')
      socket.terminate()
    } else {
      pulse.answered()
      socket.send(JSON.stringify(message))
    }
  }

  const close = (closeCode: number): void => {
    if (refusing) return
    refusing = true
    socket.close(closeCode)
    setTimeout(() => socket.terminate(), settings.closeGraceMs).unref()
  }

  const refuse: LinkSession['refuse'] = (code, detail, closeCode = LINK_CLOSE.policy) => {
    if (refusing) return
    log.warn({ ...about, code }, `agent link refused: ${detail}`)
    send({ type: 'refused', code, detail })
    close(closeCode)
  }

  /** Failures of the store end the link: the agent comes back and repeats what was not acknowledged. */
  const enqueue = (step: () => Promise<void>): void => {
    work = work
      .then(async () => {
        if (!refusing) await step()
      })
      .catch((error: unknown) => {
        log.warn({ ...about, err: error }, 'agent message could not be stored: link closed, the agent will repeat it')
        close(LINK_CLOSE.serverError)
      })
  }

  const tellAuthorities = (): void => {
    if (protocol < 2) return
    send({ type: 'authorities', certificateAuthorities: context.authoritiesPem() })
  }

  const tellAuditHead = (): void => {
    const head = context.auditWitness?.newest() ?? null
    if (head !== null && protocol >= COMMANDS_SINCE) send({ type: 'audit_head', head })
  }

  const askToGo = (): boolean => {
    if (refusing || protocol < MOVES_SINCE || context.monotonicMs() - openedAtMs < settings.moveAfterMs) return false
    send({ type: 'go_elsewhere' })
    return true
  }

  /** Undefined: the hello was refused. */
  const greet = async (hello: Hello, receivedAt: Date): Promise<{ snapshotWanted: boolean } | undefined> => {
    if (hello.protocol < PROTOCOL_VERSION_MIN || hello.protocol > PROTOCOL_VERSION) {
      refuse(
        'protocol_unsupported',
        `This server speaks protocol ${PROTOCOL_VERSION}: install its own agent on the host.`,
      )
      return undefined
    }
    helloSeen = true
    protocol = hello.protocol
    // Not after the store has it: when many come at once, those who wait must know that they are heard.
    send({
      type: 'welcome',
      serverTime: receivedAt.toISOString(),
      helloSentAt: hello.sentAt,
      heartbeatIntervalMs: settings.heartbeatIntervalMs,
      epochSeen: peer.epochSeen,
    })
    tellAuthorities()
    await lookAtMachine(hello, peer, receivedAt, context.machineSeen)
    const { clockSkewMs, snapshotWanted } = await ingest.linkOpened(peer.hostId, id, hello, receivedAt)
    skew.known(clockSkewMs)
    if (hello.protocol >= COMMANDS_SINCE) {
      // First what the host holds, then what it is to hold.
      await compareAuditHead(hello, peer, context)
      tellAuditHead()
      context.commands?.linkOpened({ linkId: id, hostId: peer.hostId, publicKey: peer.publicKey, send })
    }
    if (hello.protocol >= TASK_LOOKS_SINCE) context.taskLooks?.linkOpened({ linkId: id, hostId: peer.hostId, send })
    return { snapshotWanted }
  }

  const handle = async (text: string, receivedAt: Date): Promise<void> => {
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch {
      return refuse('agent_frame_invalid', 'A message was not JSON.', LINK_CLOSE.notJson)
    }
    const parsed = AgentMessage.safeParse(json)
    if (!parsed.success) {
      const where = parsed.error.issues[0]?.path.join('.').slice(0, 200) ?? ''
      return refuse('agent_frame_invalid', `A message does not follow the contract, at "${where}".`)
    }
    const message = parsed.data
    if (message.type !== 'hello' && !helloSeen) {
      return refuse('hello_expected', 'The first message of a link must be hello.')
    }
    if (message.type === 'result') {
      if (context.commands === undefined) return refuse('agent_frame_invalid', 'This server sends no commands.')
      await context.commands.accept(peer.hostId, message, receivedAt)
      return send({ type: 'acknowledged', epoch: message.epoch, sequence: message.sequence })
    }
    const stored = await (message.type === 'hello'
      ? greet(message, receivedAt)
      : ingest.accept(peer.hostId, message, receivedAt))
    if (stored === undefined) return
    send({ type: 'acknowledged', epoch: message.epoch, sequence: message.sequence })
    if (stored.snapshotWanted) send({ type: 'snapshot_wanted' })
    if (isTimed(message)) await skew.said({ sentAt: message.sentAt, receivedAt })
  }

  socket.on('message', (data: RawData, binary: boolean) => {
    if (refusing) return
    pulse.heard()
    const receivedAt = context.now()
    if (binary) return refuse('agent_frame_invalid', 'Messages are text, not binary.', LINK_CLOSE.binary)
    const frame = Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
    if (queued >= settings.queueMax) context.budget.overflowed(context.monotonicMs())
    if (queued >= settings.queueMax || !context.budget.take(frame.byteLength, context.monotonicMs())) {
      return refuse('flooding', 'This agent sends more than a link may carry.')
    }
    queued += 1
    enqueue(async () => {
      queued -= 1
      // Each costs the database a change: a host that has much to say says it while others speak too.
      const pauseMs = context.budget.pauseMs(context.monotonicMs())
      if (pauseMs > 0) await sleep(pauseMs)
      if (!refusing) await handle(frame.toString('utf8'), receivedAt)
    })
  })
  // ws closes with the right code by itself on frames that break RFC 6455: 1009 too large, 1007 not UTF-8, 1002 the rest.
  socket.on('error', (error) => log.warn({ ...about, reason: error.message }, 'agent link broken'))
  /** They are answered by ws itself, before anybody here is asked. No agent of ours pings. */
  const countControl = (): void => {
    if (refusing || context.budget.take(0, context.monotonicMs())) return
    log.warn({ ...about, code: 'flooding' }, 'agent floods with pings: link cut')
    socket.terminate()
  }
  socket.on('ping', countControl)
  socket.on('pong', () => {
    countControl()
    const roundTripMs = pulse.ponged(context.monotonicMs())
    if (roundTripMs !== undefined) enqueue(() => skew.measured(roundTripMs))
  })

  const beat = (): void => {
    const what = pulse.beat(context.monotonicMs())
    if (what === 'ping') socket.ping()
    if (what !== 'cut') return
    log.warn(about, 'agent no longer answers: link cut')
    socket.terminate()
  }
  const beating = setInterval(beat, settings.pingIntervalMs)

  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  beat()

  const ended = closed.then(async () => {
    clearInterval(beating)
    refusing = true
    context.commands?.linkClosed(peer.hostId, id)
    context.taskLooks?.linkClosed(peer.hostId, id)
    await work
    if (!helloSeen) return
    await ingest
      .linkClosed(peer.hostId, id, context.now())
      .catch((error: unknown) => log.warn({ ...about, err: error }, 'the end of an agent link could not be stored'))
  })
  return { id, peer, refuse, close, tellAuthorities, tellAuditHead, askToGo, ended }
}

const isTimed = (message: ReadingMessage): message is Hello | Heartbeat =>
  message.type === 'hello' || message.type === 'heartbeat'
