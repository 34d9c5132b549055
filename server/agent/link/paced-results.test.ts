// Goal: an agent that kept hundreds of results while the server was away says them all, and is never taken for a flood.
// Method: the agent's link against the server's own budget in virtual time, over ways that stall and break; then 200 results
// over real TLS. Elsewhere the tests have larger allowances; these are the ones of production.
import { EventEmitter } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import type { CommandResult } from '@rebootless/shared/contract/agent-message.ts'
import { HOST_MESSAGES, LINK_QUEUE_MAX } from '@rebootless/shared/domain/agent-link.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { AGENT_SERVER_SETTINGS } from '../../bff/link/agent-server.ts'
import { createHostBudgets } from '../../bff/link/host-budgets.ts'
import { createLinkBench, eventually, sampleSnapshot } from '../../bff/link/link-test-bench.ts'
import type { Clock } from '../clock.ts'
import { createSystemClock } from '../kernel/system-clock.ts'
import { createAgentLink } from './agent-link.ts'
import { dial } from './dial.ts'
import type { AgentIdentity } from './identity.ts'
import { createOutbox, type ResultFacts } from './outbox.ts'

const STARTED_AT = Date.parse('2026-11-26T00:00:00Z')
const done = (n: number): ResultFacts => ({
  commandId: `7f0f8a3e-4f0c-4d57-9d1f-${String(n).padStart(12, '0')}`,
  ...{ state: 'done', code: null, detail: 'It is done.', at: '2026-11-26T00:00:00.000Z' },
})

const startLink = (clock: Clock, open: (identity: AgentIdentity) => WebSocket, identity: AgentIdentity) => {
  const stop = new AbortController()
  const outbox = createOutbox(1, clock.now)
  const link = createAgentLink({
    ...{ outbox, clock, dial: open, identity: async () => identity },
    hello: async () => ({
      ...{ protocol: 2, agentVersion: '0.1.0', hostName: 'host-a', hostClass: 'lab', origin: 'agent', bootId: null },
    }),
    random: () => 0.5,
    ...{ onAuditHead: () => undefined, onAuthorities: () => undefined, onEvent: () => undefined },
  })
  link.listener.snapshot(sampleSnapshot(), 'a'.repeat(64))
  const running = { over: Promise.resolve() }
  return {
    outbox,
    ...link,
    start: () => {
      running.over = link.run(stop.signal)
    },
    end: async () => {
      stop.abort()
      await running.over
    },
  }
}

/** Time that passes when everybody waits. */
const createVirtualTime = () => {
  let atMs = 0
  let planned: { readonly dueMs: number; readonly act: () => void }[] = []
  const at = (dueMs: number, act: () => void) => void planned.push({ dueMs: Math.max(atMs, dueMs), act })
  const clock: Clock = {
    now: () => STARTED_AT + atMs,
    monotonicMicroseconds: () => atMs * 1000,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        if (signal?.aborted) return resolve()
        signal?.addEventListener('abort', wake)
        at(atMs + milliseconds, wake)
      }),
  }
  const runUntil = async (isOver: () => boolean, endMs: number) => {
    await turn()
    while (!isOver()) {
      const [first, ...others] = planned
      const next = others.reduce((best, one) => (best !== undefined && one.dueMs < best.dueMs ? one : best), first)
      if (next === undefined || next.dueMs >= endMs) return
      planned = planned.filter((one) => one !== next)
      atMs = next.dueMs
      next.act()
      await turn()
    }
  }
  return { clock, at, nowMs: () => atMs, runUntil }
}

/** A span in which nothing arrives; at its end all does. */
interface Stall {
  readonly fromMs: number
  readonly forMs: number
}

/** The server's side as link-session.ts has it, over a way of the test's own. */
const createVirtualServer = (time: ReturnType<typeof createVirtualTime>, stalls: readonly Stall[]) => {
  const budget = createHostBudgets(AGENT_SERVER_SETTINGS).of('a', 0)
  const stored: string[] = []
  let floods = 0
  let current: EventEmitter | undefined

  const open = (): WebSocket => {
    const socket = Object.assign(new EventEmitter(), { bufferedAmount: 0 })
    current = socket
    let open = true
    let queued = 0
    let storedUntilMs = 0
    const cut = () => {
      if (!open) return
      open = false
      socket.emit('close')
    }
    const flood = () => {
      floods += 1
      cut()
    }
    const say = (message: object) => {
      if (open) socket.emit('message', JSON.stringify(message), false)
    }
    const store = (message: { type: string; epoch: number; sequence: number; commandId?: string; sentAt: string }) => {
      if (!open) return
      if (message.type === 'hello') {
        const serverTime = new Date(time.clock.now()).toISOString()
        const welcome = { serverTime, helloSentAt: message.sentAt, heartbeatIntervalMs: 10_000, epochSeen: null }
        say({ type: 'welcome', ...welcome })
      }
      if (message.commandId !== undefined) stored.push(message.commandId)
      say({ type: 'acknowledged', epoch: message.epoch, sequence: message.sequence })
    }
    const arrive = (text: string) => {
      if (!open) return
      if (!budget.take(text.length, time.nowMs()) || queued >= LINK_QUEUE_MAX) return flood()
      queued += 1
      // One after the other, and each begins with its pause.
      time.at(storedUntilMs, () => {
        queued -= 1
        storedUntilMs = time.nowMs() + budget.pauseMs(time.nowMs())
        time.at(storedUntilMs, () => store(JSON.parse(text)))
      })
    }
    const wayMs = (): number => {
      const stall = stalls.find(({ fromMs, forMs }) => time.nowMs() >= fromMs && time.nowMs() < fromMs + forMs)
      return stall === undefined ? 5 : stall.fromMs + stall.forMs - time.nowMs()
    }
    Object.assign(socket, {
      send: (text: string) => time.at(time.nowMs() + wayMs(), () => arrive(text)),
      ...{ close: cut, terminate: cut, cut },
    })
    time.at(time.nowMs(), () => {
      if (!budget.takeLink(time.nowMs())) return flood()
      socket.emit('open')
    })
    return socket as unknown as WebSocket
  }
  return {
    open,
    stored,
    floods: () => floods,
    cut: () => (current as (EventEmitter & { cut(): void }) | undefined)?.cut(),
  }
}

const stall = fc.record({ fromMs: fc.nat(60_000), forMs: fc.nat(20_000) })
const cuts = fc.array(fc.integer({ min: 5_000, max: 60_000 }), { maxLength: 4 })

test('T20 an agent with up to 512 results is never held off, whatever the way between does', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 512 }),
      fc.array(stall, { maxLength: 3 }),
      cuts,
      async (many, stalls, waits) => {
        const time = createVirtualTime()
        const server = createVirtualServer(time, stalls)
        const agent = startLink(time.clock, server.open, {} as AgentIdentity)
        for (let n = 0; n < many; n += 1) agent.result(done(n))
        agent.start()
        waits.reduce((sum, wait) => {
          time.at(sum + wait, server.cut)
          return sum + wait
        }, 0)
        await time.runUntil(() => agent.outbox.unacknowledged().length === 0, 30 * 60_000)
        expect(server.floods()).toBe(0)
        expect(new Set(server.stored).size).toBe(many)
        // What was not acknowledged when its link broke is said again, and nothing else is.
        if (waits.length === 0) expect(server.stored).toHaveLength(many)
        await agent.end()
      },
    ),
    { numRuns: 60 },
  )
}, 60_000)

test('T20 200 results kept while the server was away all arrive over one link, each once', async () => {
  const heard: CommandResult[] = []
  const commands = {
    ...{ linkOpened: () => undefined, linkClosed: () => undefined, artefact: async () => undefined },
    accept: async (_hostId: string, result: CommandResult) => void heard.push(result),
  }
  // What is looked at one after the other is so at once, lest this takes a minute; the property above has the true pace.
  const changes = { burst: 1000, perSecond: 1000 }
  const bench = await createLinkBench({ changes }, { commands })
  const host = await bench.enrolledHost()
  const { port } = bench.server
  await bench.stop()
  const identity = {
    ...{ hostId: host.hostId, server: `https://127.0.0.1:${port}`, privateKey: host.key, certificate: host.cert },
    certificateAuthority: bench.authority.certificatePem,
  } as AgentIdentity
  let links = 0
  const open = (known: AgentIdentity) => {
    links += 1
    return dial(known)
  }
  const agent = startLink(createSystemClock(), open, identity)
  for (let n = 0; n < 200; n += 1) agent.result(done(n))
  await bench.restart(port)
  agent.start()
  await eventually('all arrived', () => agent.outbox.unacknowledged().length === 0, 30_000)
  expect(heard.map(({ commandId }) => commandId)).toEqual(Array.from({ length: 200 }, (_, n) => done(n).commandId))
  expect([links, bench.warnings]).toEqual([1, []])
  expect(200).toBeGreaterThan(HOST_MESSAGES.burst)
  await agent.end()
  await bench.end()
}, 60_000)
