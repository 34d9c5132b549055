import { mkdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Clock } from '../agent/clock.ts'
import { LAB_POLICY } from '../agent/config/host-policy.ts'
import { ensureEnrolled } from '../agent/link/enrol.ts'
import { runAgent } from '../agent/run-agent.ts'
import { createObserver } from '../agent/watch/observer.ts'
import type { FaultSchedule } from '../sim/fleet/faults.ts'
import type { HostPlan } from '../sim/fleet/host-plan.ts'
import { life } from '../sim/fleet/incidents.ts'
import { type Boot, createLiveHost } from '../sim/fleet/live-host.ts'
import { SimulatedHost } from '../sim/fleet/simulated-host.ts'
import { createSimulatedLink } from './simulated-link.ts'
import type { StartSlots } from './start-slots.ts'

export interface SimulatedHostRun {
  readonly server: string
  /** Of the whole fleet: each host has a folder in it. */
  readonly dataDirectory: string
  readonly schedule: FaultSchedule
  readonly clock: Clock
  /** The fleet's time 0 by the clock, and as milliseconds since 1970. */
  readonly startedUs: number
  readonly startedAtMs: number
  readonly slots: StartSlots
  /** Between two looks at a host's sysfs while its kernel says nothing. */
  readonly lookEveryMs: number
  readonly token: (labels: HostPlan['labels']) => Promise<string>
  readonly signal: AbortSignal
}

const RETRY_MS = 5_000

/** Runs one simulated host, and on each of its boots the real agent, until aborted. */
export const runSimulatedHost = async (plan: HostPlan, run: SimulatedHostRun): Promise<void> => {
  const { clock, signal } = run
  const own = path.join(run.dataDirectory, plan.name)
  let room: (() => void) | null = await run.slots.take()
  if (signal.aborted) return
  const host = new SimulatedHost({ plan, startedAtMs: run.startedAtMs, rebooted: await isThere(own) })
  host.run(life(host, run.schedule, (clock.monotonicMicroseconds() - run.startedUs) / 1_000_000))
  const link = createSimulatedLink(host)
  const live = createLiveHost(host, { clock, startedUs: run.startedUs })
  live.onChange = link.cutIfLost

  const runUntilDown = async (boot: Boot, started: () => void): Promise<void> => {
    const identity = {
      ...{ dataDirectory: own, hostName: plan.name },
      origin: 'simulated' as const,
      token: () => run.token(plan.labels),
    }
    await mkdir(own, { recursive: true, mode: 0o700 })
    await ensureEnrolled({ ...identity, server: run.server, now: clock.now })
    await runAgent({
      ...{ ...identity, clock, dial: link.dial, keepsStatus: false, signal: AbortSignal.any([signal, boot.signal]) },
      ...{ policy: async () => LAB_POLICY, policyIsFixed: true, acts: boot },
      observer: createObserver({
        ...{ ...boot, architecture: plan.architecture, dataDirectory: own, lookEveryMs: run.lookEveryMs },
      }),
      log: {
        info: started,
        warn(text) {
          started()
          if (host.link.kind === 'good' && !boot.signal.aborted) console.error(`${plan.name}: ${text}`)
        },
      },
    })
  }

  while (!signal.aborted) {
    const boot = await live.poweredOn(signal)
    if (boot === null) break
    room ??= await run.slots.take(true)
    try {
      await runUntilDown(boot, room)
    } catch (error) {
      // A database that is just being restarted must not cost a host for good.
      if (signal.aborted) break
      console.error(`${plan.name}: ${error instanceof Error ? error.message : error}; trying again`)
      await clock.sleep(RETRY_MS, signal)
    } finally {
      room()
      room = null
    }
  }
  live.stop()
}

const isThere = (folder: string): Promise<boolean> =>
  stat(folder).then(
    () => true,
    () => false,
  )
