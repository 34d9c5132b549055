import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { AgentConfig } from '@rebootless/server/agent/config/host-policy.ts'
import { createSystemClock } from '@rebootless/server/agent/kernel/system-clock.ts'
import { ensureEnrolled } from '@rebootless/server/agent/link/enrol.ts'
import { runAgent } from '@rebootless/server/agent/run-agent.ts'
import { createObserver } from '@rebootless/server/agent/watch/observer.ts'
import type { HostPlan } from '@rebootless/server/sim/fleet/host-plan.ts'
import { createLiveHost } from '@rebootless/server/sim/fleet/live-host.ts'
import { SimulatedHost } from '@rebootless/server/sim/fleet/simulated-host.ts'

/**
 * Runs one simulated kernel to which nothing happens by itself, and on it the real agent with settings of the story's own
 * choice, until the work is done.
 */
export const withSimulatedHost = async (
  { plan, config, server, token }: { plan: HostPlan; config: AgentConfig; server: string; token: string },
  work: (id: string) => Promise<void>,
): Promise<void> => {
  const dataDirectory = await mkdtemp(path.join(tmpdir(), 'rebootless-simulated-'))
  const clock = createSystemClock()
  const stop = new AbortController()
  const host = new SimulatedHost({ plan, startedAtMs: clock.now() })
  const live = createLiveHost(host, { clock, startedUs: clock.monotonicMicroseconds() })
  const identity = { dataDirectory, hostName: `production-${plan.name}`, origin: 'simulated' } as const
  const { hostId } = await ensureEnrolled({ ...identity, server, token, now: clock.now })
  const boot = await live.poweredOn(stop.signal)
  if (boot === null) throw new Error('the simulated host is off')
  const warnings: string[] = []
  const running = runAgent({
    ...identity,
    ...{ clock, signal: stop.signal, keepsStatus: false, acts: boot, policyIsFixed: true },
    policy: async () => ({ hostClass: config.class, reason: null, config }),
    // By one name in all that it says: the kernel's own is that of the host it stands beside.
    observer: createObserver({ ...boot, architecture: plan.architecture, dataDirectory, hostName: identity.hostName }),
    log: { info: () => undefined, warn: (text) => warnings.push(text) },
  })
  try {
    await work(hostId)
  } catch (error) {
    if (warnings.length > 0) console.error(warnings.join('\n'))
    throw error
  } finally {
    stop.abort()
    await running
    live.stop()
    await rm(dataDirectory, { recursive: true, force: true })
  }
}
