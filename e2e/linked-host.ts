import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, type Page } from '@playwright/test'
import { createSystemClock } from '@rebootless/server/agent/kernel/system-clock.ts'
import { ensureEnrolled } from '@rebootless/server/agent/link/enrol.ts'
import type { HostObserver } from '@rebootless/server/agent/observer.ts'
import { snapshotHash } from '@rebootless/server/agent/providers/snapshot-hash.ts'
import { runAgent } from '@rebootless/server/agent/run-agent.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { Program } from './program.ts'

/** A host that is a snapshot, told over the real link by the real agent. */
export interface LinkedHost {
  readonly name: string
  snapshot(now: string): Snapshot
}

const observerOf = (host: LinkedHost): HostObserver => {
  const current = () => host.snapshot(new Date().toISOString())
  return {
    current: async () => current(),
    async run(listener, signal) {
      const snapshot = current()
      listener.snapshot(snapshot, snapshotHash(snapshot))
      listener.transition(snapshot.transition)
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    },
  }
}

/** Runs one until the work is done; the work begins when the host has come to the state that it is to be in. */
export const withLinkedHost = async (
  { page, program, host, state }: { page: Page; program: Program; host: LinkedHost; state: string },
  work: (id: string) => Promise<void>,
): Promise<void> => {
  const dataDirectory = await mkdtemp(path.join(tmpdir(), 'rebootless-linked-'))
  const answer = await page.request.post('/api/v1/enrolment-tokens', { data: {}, headers: { Origin: program.address } })
  const { token } = await answer.json()
  const clock = createSystemClock()
  const identity = { dataDirectory, hostName: host.name, origin: 'agent' } as const
  const { hostId } = await ensureEnrolled({ ...identity, server: program.agentAddress, token, now: clock.now })
  const stop = new AbortController()
  const warnings: string[] = []
  const running = runAgent({
    ...identity,
    observer: observerOf(host),
    clock,
    signal: stop.signal,
    log: { info: () => undefined, warn: (text) => warnings.push(text) },
  })
  try {
    await expect.poll(async () => (await (await page.request.get(`/api/v1/hosts/${hostId}`)).json()).state).toBe(state)
    await work(hostId)
    expect(warnings, 'the link held').toEqual([])
  } finally {
    stop.abort()
    await running
    await rm(dataDirectory, { recursive: true, force: true })
  }
}
