import { PROTOCOL_VERSION } from '@rebootless/shared/contract/agent-message.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import type { Clock } from '../agent/clock.ts'
import { createCommandDesk } from '../agent/commands/command-desk.ts'
import { type HostPolicy, LAB_POLICY } from '../agent/config/host-policy.ts'
import { policySummary } from '../agent/config/policy-summary.ts'
import type { JournalFile } from '../agent/journal/journal.ts'
import { createAgentLink } from '../agent/link/agent-link.ts'
import { createOutbox } from '../agent/link/outbox.ts'
import { AGENT_VERSION } from '../agent/version.ts'
import { createObserver } from '../agent/watch/observer.ts'
import type { HostPlan } from '../sim/fleet/host-plan.ts'
import type { Boot } from '../sim/fleet/live-host.ts'
import type { MemorySocket } from './test-memory-socket.ts'

/** What of an agent outlives it. */
export interface AgentDisk {
  journal: string | undefined
  readonly kept: Map<string, Uint8Array>
  epoch: number
}

export interface SimulatedAgentOptions {
  readonly plan: HostPlan
  readonly boot: Boot
  readonly clock: Clock
  readonly disk: AgentDisk
  readonly host: { readonly hostId: string; readonly hostKey: string; readonly commandKey: string }
  readonly random: () => number
  /** Throws where there is no way to the server. */
  readonly dial: () => MemorySocket
  readonly fetchArtefact: (sha256: string) => Promise<Uint8Array>
  readonly packageUpdates: boolean
  /** A module was put into the kernel, or was to be; when that began, by the host's clock. */
  readonly onInsert: (atMs: number) => void
}

/**
 * The parts of the real agent as run-agent.ts puts them together, on a simulated kernel and with a disk in memory, so that
 * one run is as the other. It dies where it is told to: before, in the middle of, or after an effect.
 */
export const startSimulatedAgent = (options: SimulatedAgentOptions) => {
  const { plan, boot, clock, disk, host, packageUpdates } = options
  const policy: HostPolicy = {
    ...LAB_POLICY,
    config: LAB_POLICY.config === null ? null : { ...LAB_POLICY.config, packageUpdates },
  }
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, boot.signal])
  const never = new Promise<never>(() => undefined)
  let dead = false
  let effects = 0
  let fault: { readonly at: number; readonly when: 'before' | 'torn' | 'after' } | null = null

  const die = (): Promise<never> => {
    dead = true
    stop.abort()
    return never
  }
  const effect = async <T>(run: () => Promise<T>, torn?: () => void): Promise<T> => {
    if (dead) return never
    effects += 1
    const now = fault !== null && effects >= fault.at ? fault.when : null
    if (now === 'before') return die()
    if (now === 'torn') {
      torn?.()
      return die()
    }
    const result = await run()
    return now === 'after' || dead ? die() : result
  }
  const journalFile: JournalFile = {
    read: async () => disk.journal,
    append: (text) =>
      effect(
        async () => {
          disk.journal = (disk.journal ?? '') + text
        },
        () => {
          disk.journal = (disk.journal ?? '') + text.slice(0, text.length / 2)
        },
      ),
    replace: (text) =>
      effect(async () => {
        disk.journal = text
      }),
  }

  const observer = createObserver({ ...boot, architecture: plan.architecture })
  let sample: TransitionSample | null = null
  let skewMs: number | null = null
  disk.epoch += 1
  const outbox = createOutbox(disk.epoch, clock.now)
  let desk: Awaited<ReturnType<typeof createCommandDesk>> | null = null
  const link = createAgentLink({
    ...{ outbox, clock, random: options.random },
    identity: async () => ({
      ...{ hostId: host.hostId, commandKey: host.commandKey, certificate: '', certificateAuthority: '' },
      ...{ privateKey: '', server: 'https://in-memory.invalid', expiresAt: '', enrolledAt: '' },
    }),
    hello: async () => ({
      ...{ protocol: PROTOCOL_VERSION, agentVersion: AGENT_VERSION, hostName: plan.name, origin: 'agent' },
      ...{ hostClass: policy.hostClass, policy: policySummary(policy, false) },
      bootId: (await observer.current()).kernel.bootId,
    }),
    onAuditHead: () => undefined,
    onAuthorities: () => undefined,
    onEvent: (event) => {
      if (event.kind === 'connected') skewMs = event.skewMs
    },
    commands: {
      command: (message) => desk?.command(message),
      freeze: (freeze) => desk?.freeze(freeze),
      acknowledged: (result) => desk?.acknowledged(result),
    },
    dial: () => options.dial().asWebSocket(),
    raiseEpoch: async (above) => {
      disk.epoch = above + 1
      return disk.epoch
    },
  })

  const run = async (): Promise<void> => {
    desk = await createCommandDesk({
      ...{ journalFile, signal, recorded: false },
      ports: {
        ...{ clock, sample: () => sample, refresh: () => observer.refresh?.() },
        fs: {
          ...boot.fs,
          write: (path, text) => effect(() => boot.fs.write(path, text)),
        },
        programs: {
          run: (program, args, limits) =>
            effect(async () => {
              const atMs = clock.now()
              const result = await boot.programs.run(program, args, limits)
              // It is looked for in two places.
              if (program.endsWith('/insmod') && (result.ok || result.errno !== 'ENOENT')) options.onInsert(atMs)
              return result
            }),
        },
        moduleFiles: boot.moduleFiles,
        kept: {
          read: async (hash) => disk.kept.get(hash),
          keep: (hash, bytes) =>
            effect(async () => {
              disk.kept.set(hash, bytes)
            }),
        },
        fetchArtefact: (hash) => options.fetchArtefact(hash),
      },
      identity: async () => host,
      policy: async () => policy,
      isStopped: async () => false,
      skewMs: () => skewMs,
      kernel: async () => {
        const { memory, kernelEvents, kernel } = await observer.current()
        const wasForced = (patch?: string) =>
          memory.some(({ name, forcedAt }) => forcedAt !== null && (patch ?? name) === name) ||
          (kernelEvents === null ? null : false)
        return { release: kernel.release, buildId: kernel.buildId ?? null, bootId: kernel.bootId, wasForced }
      },
      report: (result) => {
        if (!dead) link.result(result)
      },
      warn: () => undefined,
    })
    const listener = {
      ...link.listener,
      looked: (latest: TransitionSample | null) => {
        sample = latest
      },
    }
    await Promise.all([link.run(signal), observer.run(listener, signal)])
  }

  return {
    /** Resolves when it, or the boot that it ran in, has ended. */
    ended: run(),
    isDead: () => dead,
    dieAt: (after: number, when: 'before' | 'torn' | 'after') => {
      fault = { at: effects + after, when }
    },
    kill: () => void die(),
  }
}
export type SimulatedAgent = ReturnType<typeof startSimulatedAgent>
