import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import { afterEach, beforeEach } from 'vitest'
import { createLinkBench, type LinkBench, sampleSnapshot } from '../../bff/link/link-test-bench.ts'
import { createSystemClock } from '../kernel/system-clock.ts'
import type { HostObserver, ObserverListener } from '../observer.ts'
import { type RunAgentOptions, runAgent } from '../run-agent.ts'

export const clock = createSystemClock()
export const hash = (digit: string) => digit.repeat(64)
const sample = (tasksRemaining: number): TransitionSample => ({
  patch: 'lp_a',
  target: 'patching',
  startedAt: '2026-11-25T00:00:00.000Z',
  sampledAt: new Date().toISOString(),
  tasksTotal: 100,
  tasksRemaining,
  signalledAt: null,
  forcedAt: null,
  blocking: [],
  blockingTotal: 0,
  tasksUnreadable: 0,
})

/** An observer that says what the test says. */
export const handObserver = (first: Snapshot = sampleSnapshot()) => {
  let listener: ObserverListener | undefined
  const observer: HostObserver = {
    current: async () => first,
    async run(given, signal) {
      listener = given
      given.snapshot(first, hash('0'))
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    },
  }
  return {
    observer,
    snapshot: (digit: string, change: Partial<Snapshot> = {}) =>
      listener?.snapshot(sampleSnapshot(change), hash(digit)),
    transition: (tasksRemaining: number | null) =>
      listener?.transition(tasksRemaining === null ? null : sample(tasksRemaining)),
  }
}

/** For each test a backend's port, and a data directory of an agent; agents that were started end with it. */
export const useTestAgent = () => {
  let bench: LinkBench
  let dataDirectory: string
  const stops: (() => Promise<unknown>)[] = []
  beforeEach(async () => {
    bench = await createLinkBench({ heartbeatIntervalMs: 100, pingIntervalMs: 1000, certificateRecheckMs: 100 })
    dataDirectory = await mkdtemp(join(tmpdir(), 'rebootless-agent-'))
  })
  afterEach(async () => {
    await Promise.all(stops.splice(0).map((stop) => stop()))
    await bench.end()
    await rm(dataDirectory, { recursive: true, force: true })
  })

  return {
    get bench() {
      return bench
    },
    get dataDirectory() {
      return dataDirectory
    },
    /** Run at the end of the test. */
    stops,
    enrolOptions: async (token?: string) => ({
      server: bench.url,
      token: token ?? (await bench.token()),
      dataDirectory,
      hostName: 'host-a',
      origin: 'agent' as const,
      now: clock.now,
    }),
    start(hand: ReturnType<typeof handObserver>, change: Partial<RunAgentOptions> = {}) {
      const stop = new AbortController()
      const log: string[] = []
      const note = (text: string) => void log.push(text)
      const running = runAgent({
        observer: hand.observer,
        clock,
        dataDirectory,
        hostName: 'host-a',
        origin: 'agent',
        signal: stop.signal,
        log: { info: note, warn: note },
        random: () => 0.1,
        ...change,
      })
      const end = async () => {
        stop.abort()
        await running
      }
      stops.push(end)
      return { end, log }
    },
    latest: (hostId: string) => bench.memory.host(hostId).latest,
  }
}
