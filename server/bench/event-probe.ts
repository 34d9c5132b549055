import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type AgentMessage, PROTOCOL_VERSION, ServerMessage } from '@rebootless/shared/contract/agent-message.ts'
import { EnrolmentToken } from '@rebootless/shared/contract/enrolment.ts'
import { FleetEvent } from '@rebootless/shared/contract/event.ts'
import { dial } from '../agent/link/dial.ts'
import { ensureEnrolled } from '../agent/link/enrol.ts'
import type { ProgramUnderTest } from './program-under-test.ts'

export interface EventProbe {
  readonly hostId: string
  /**
   * Says that so many tasks are left, once the server has what was said before: of what waits for that only the newest, as an agent
   * does (agent/link/session.ts). @returns when it was to be said, by the system's clock, in milliseconds
   */
  say(tasksRemaining: number): number
  /** Milliseconds from a host's word that its transition went on until a page's event stream tells it. */
  changeMs(): Promise<number>
  stop(): Promise<void>
}

const ANSWER_MS_MAX = 60_000
const TASKS = 1_000_000

/** One more host, of which only the link is real, and a page that follows the event stream. */
export const startEventProbe = async (program: ProgramUnderTest): Promise<EventProbe> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-probe-'))
  const { token } = EnrolmentToken.parse(await (await program.ask('POST', '/api/v1/enrolment-tokens', {})).json())
  const identity = await ensureEnrolled({
    ...{ server: program.agentAddress, token, dataDirectory: folder, hostName: 'probe', origin: 'agent' },
    now: Date.now,
  })
  const startedAt = new Date().toISOString()
  let sequence = 0
  const stamp = () => {
    sequence += 1
    return { epoch: 1, sequence, sentAt: new Date().toISOString() }
  }
  const socket = dial(identity)
  const say = (message: AgentMessage) => socket.send(JSON.stringify(message))
  let onItsWay: number | undefined
  let waits: number | undefined
  const sayWhatWaits = () => {
    if (onItsWay !== undefined || waits === undefined) return
    const tasksRemaining = waits
    waits = undefined
    const numbered = stamp()
    onItsWay = numbered.sequence
    say({
      ...{ type: 'transition', ...numbered },
      sample: {
        ...{ patch: 'probe', target: 'patching', startedAt, sampledAt: new Date().toISOString() },
        ...{ tasksTotal: TASKS, tasksRemaining, signalledAt: null, forcedAt: null },
        ...{ blocking: [], blockingTotal: 0, tasksUnreadable: 0 },
      },
    })
  }
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.once('open', () =>
      say({
        ...{ type: 'hello', ...stamp(), protocol: PROTOCOL_VERSION, agentVersion: 'probe', hostName: 'probe' },
        ...{ hostClass: 'observe', origin: 'agent', bootId: null },
      }),
    )
    socket.on('message', (data) => {
      const message = ServerMessage.parse(JSON.parse(String(data)))
      if (message.type === 'welcome') resolve()
      if (message.type === 'acknowledged' && message.sequence === onItsWay) {
        onItsWay = undefined
        sayWhatWaits()
      }
    })
  })
  socket.on('error', () => undefined)

  let heard = (_tasksRemaining: number) => {}
  const stopping = new AbortController()
  const following = follow(program, stopping.signal, (event) => {
    if (event.type !== 'host.changed' || event.host.id !== identity.hostId) return
    const remaining = event.host.transition?.tasksRemaining
    if (remaining !== undefined) heard(remaining)
  })
  await following.opened

  let remaining = TASKS
  const tell: EventProbe['say'] = (tasksRemaining) => {
    const saidAt = performance.timeOrigin + performance.now()
    waits = tasksRemaining
    sayWhatWaits()
    return saidAt
  }
  return {
    ...{ hostId: identity.hostId, say: tell },
    async changeMs() {
      remaining -= 1
      const wanted = remaining
      const sentAt = performance.now()
      const told = new Promise<number>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error('a change did not reach the event stream')), ANSWER_MS_MAX)
        heard = (tasksRemaining) => {
          if (tasksRemaining !== wanted) return
          clearTimeout(late)
          resolve(performance.now() - sentAt)
        }
      })
      tell(wanted)
      return told
    },
    async stop() {
      stopping.abort()
      socket.terminate()
      await following.ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Reads server-sent events (HTML standard, 9.2) until aborted. */
const follow = (program: ProgramUnderTest, signal: AbortSignal, onEvent: (event: FleetEvent) => void) => {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const ended = (async () => {
    const answer = await program.ask('GET', '/api/v1/events')
    open()
    const reader = answer.body?.getReader()
    signal.addEventListener('abort', () => void reader?.cancel())
    const decoder = new TextDecoder()
    let text = ''
    for (;;) {
      const part = await reader?.read()
      if (part === undefined || part.done) return
      const lines = (text + decoder.decode(part.value, { stream: true })).split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) if (line.startsWith('data: ')) onEvent(FleetEvent.parse(JSON.parse(line.slice(6))))
    }
  })()
  return { opened, ended: ended.catch(() => undefined) }
}
