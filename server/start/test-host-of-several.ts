import path from 'node:path'
import { LAB_POLICY } from '../agent/config/host-policy.ts'
import { createSystemClock } from '../agent/kernel/system-clock.ts'
import { enrol } from '../agent/link/enrol.ts'
import { runAgent } from '../agent/run-agent.ts'
import { createObserver } from '../agent/watch/observer.ts'
import type { HostPlan } from '../sim/fleet/host-plan.ts'
import { createLiveHost } from '../sim/fleet/live-host.ts'
import { SimulatedHost } from '../sim/fleet/simulated-host.ts'

const clock = createSystemClock()

/** A simulated machine with the real agent, which knows several servers, and what its kernel and its reader felt. */
export const startHostOfSeveral = async (options: {
  readonly plan: HostPlan
  readonly folder: string
  readonly servers: readonly string[]
  readonly token: string
  readonly random: () => number
}) => {
  const { plan, servers, random } = options
  const dataDirectory = path.join(options.folder, plan.name)
  const identity = { dataDirectory, hostName: plan.name, origin: 'agent' as const }
  const { hostId } = await enrol({ ...identity, server: servers[0] ?? '', token: options.token, now: clock.now })
  const machine = new SimulatedHost({ plan, startedAtMs: clock.now() })
  const live = createLiveHost(machine, { clock, startedUs: clock.monotonicMicroseconds() })
  const stop = new AbortController()
  const boot = await live.poweredOn(stop.signal)
  if (boot === null) throw new Error('it does not boot')
  const felt = { refreshes: 0, insertions: 0 }
  /** Where it is linked, since when; null: nowhere. */
  let linked: { readonly server: string; readonly atMs: number } | null = null
  /** Without a link since; null: linked, or not linked yet. */
  let lostAtMs: number | null = null
  const gapsMs: number[] = []
  const observer = createObserver({ ...boot, architecture: plan.architecture, dataDirectory, lookEveryMs: 2_000 })
  const running = runAgent({
    ...{ ...identity, clock, random, keepsStatus: false, policyIsFixed: true, signal: stop.signal },
    policy: async () => ({
      ...LAB_POLICY,
      config: LAB_POLICY.config === null ? null : { ...LAB_POLICY.config, servers: [...servers] },
    }),
    observer: {
      ...observer,
      refresh() {
        felt.refreshes += 1
        observer.refresh?.()
      },
    },
    acts: {
      ...boot,
      programs: {
        async run(program, args, limits) {
          const result = await boot.programs.run(program, args, limits)
          // It is looked for in two places.
          if (program.endsWith('/insmod') && (result.ok || result.errno !== 'ENOENT')) felt.insertions += 1
          return result
        },
      },
    },
    log: {
      info(text) {
        const [, server] = /^connected to (.+)$/.exec(text) ?? []
        if (server === undefined) return
        linked = { server, atMs: performance.now() }
        if (lostAtMs !== null) gapsMs.push(linked.atMs - lostAtMs)
        lostAtMs = null
      },
      warn(text) {
        if (linked !== null && text.startsWith('not connected to ')) lostAtMs ??= performance.now()
      },
    },
  })
  return {
    ...{ hostId, name: plan.name, felt, dataDirectory },
    linked: () => linked,
    /** How long each time that it had lost its link and not been asked to go. */
    gapsMs: (): readonly number[] => (lostAtMs === null ? gapsMs : [...gapsMs, performance.now() - lostAtMs]),
    async stop() {
      stop.abort()
      live.stop()
      await running
    },
  }
}
export type HostOfSeveral = Awaited<ReturnType<typeof startHostOfSeveral>>
