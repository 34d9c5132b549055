import type { CommandMessage } from '@rebootless/shared/contract/agent-message.ts'
import type { Authorisation } from '@rebootless/shared/contract/command.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import { isOfTransition } from '@rebootless/shared/domain/transition-actions.ts'
import { holdingTask, RELEASED } from '../../sim/fleet/holds.ts'
import type { HostPlan } from '../../sim/fleet/host-plan.ts'
import { createLiveHost } from '../../sim/fleet/live-host.ts'
import { SimulatedHost } from '../../sim/fleet/simulated-host.ts'
import { simulatedModule } from '../../sim/fleet/simulated-module.ts'
import type { ActPorts } from '../acts/ports.ts'
import { type HostPolicy, LAB_POLICY } from '../config/host-policy.ts'
import type { JournalFile } from '../journal/journal.ts'
import type { ResultFacts } from '../link/outbox.ts'
import { createVirtualClock } from '../recorded/virtual-clock.ts'
import { createObserver } from '../watch/observer.ts'
import { type CommandDesk, createCommandDesk } from './command-desk.ts'
import { authorisationOf, HOST_ID, HOST_KEY, messageOf, newKey, STARTED_AT_MS, sha256 } from './test-commands.ts'
import { benchPlan } from './test-plans.ts'

/** Dies before, in the middle of, or after an effect. */
export type Fault = { readonly at: number; readonly when: 'before' | 'torn' | 'after' }

/**
 * A simulated host on a clock of its own, and agents on it that can die at any effect and come again over the same
 * journal. An effect is whatever reaches a disk or a kernel.
 */
export const createCommandBench = async (
  options: { policy?: HostPolicy; plan?: HostPlan; recorded?: boolean } = {},
) => {
  const plan = options.plan ?? benchPlan()
  const virtual = createVirtualClock(STARTED_AT_MS)
  const { clock } = virtual
  const host = new SimulatedHost({ plan, startedAtMs: STARTED_AT_MS })
  const live = createLiveHost(host, { clock, startedUs: 0 })
  const server = newKey()
  const disk = { journal: undefined as string | undefined, kept: new Map<string, Uint8Array>() }
  const artefacts = new Map<string, Uint8Array>()
  const effects: string[] = []
  /** What the journal's file held when an effect that is not its own began. */
  const onDisk: { effect: string; journal: string | undefined }[] = []
  const results: ResultFacts[] = []
  const warnings: string[] = []
  let policy = options.policy ?? LAB_POLICY
  let stopped = false
  let skewMs = 0
  /** How long the disk takes for one record. */
  let diskMs = 0
  let tampered: ((bytes: Uint8Array) => Uint8Array) | null = null

  const boot = async () => {
    const found = await live.poweredOn(new AbortController().signal)
    if (found === null) throw new Error('the host is off')
    return found
  }

  /** One run of the agent; with a fault, it is dead from then on. */
  const startAgent = async (fault?: Fault) => {
    const here = await boot()
    const stop = new AbortController()
    let count = 0
    let dead = false
    const never = new Promise<never>(() => undefined)
    const die = () => {
      dead = true
      stop.abort()
      return never
    }
    const effect = async <T>(name: string, run: () => Promise<T>, torn?: () => void): Promise<T> => {
      if (dead) return never
      count += 1
      const isFault = fault?.at === count
      if (isFault && fault.when === 'before') return die()
      if (isFault && fault.when === 'torn') {
        torn?.()
        return die()
      }
      effects.push(name)
      if (name !== 'journal') onDisk.push({ effect: name, journal: disk.journal })
      const result = await run()
      return isFault || dead ? die() : result
    }
    const observer = createObserver({ ...here, architecture: plan.architecture })
    let sample: TransitionSample | null = null
    const listener = {
      snapshot: () => undefined,
      transition: (latest: TransitionSample | null) => {
        sample = latest
      },
    }
    const observing = observer.run(listener, AbortSignal.any([stop.signal, here.signal]))
    const journalFile: JournalFile = {
      read: async () => disk.journal,
      append: (text) =>
        effect(
          'journal',
          async () => {
            if (diskMs > 0) await clock.sleep(diskMs)
            disk.journal = (disk.journal ?? '') + text
          },
          () => {
            disk.journal = (disk.journal ?? '') + text.slice(0, text.length / 2)
          },
        ),
      replace: (text) =>
        effect('journal', async () => {
          if (diskMs > 0) await clock.sleep(diskMs)
          disk.journal = text
        }),
    }
    const ports: Omit<ActPorts, 'signal'> = {
      clock,
      sample: () => sample,
      fs: {
        ...here.fs,
        write: (path, text) =>
          effect(`write ${text} ${path.split('/').slice(-2).join('/')}`, () => here.fs.write(path, text)),
        signal: (tid, name) =>
          effect(name, async () => (await here.fs.signal?.(tid, name)) ?? { ok: false, errno: 'EOPNOTSUPP' }),
      },
      programs: {
        run: (program, args, limits) =>
          effect(`run ${[program.split('/').at(-1), ...args].join(' ')}`, () =>
            here.programs.run(program, args, limits),
          ),
      },
      moduleFiles: { put: (bytes) => here.moduleFiles.put(tampered?.(bytes) ?? bytes) },
      kept: {
        read: async (hash) => disk.kept.get(hash),
        keep: (hash, bytes) => effect('keep', async () => void disk.kept.set(hash, bytes)),
      },
      fetchArtefact: async (hash) => {
        const bytes = artefacts.get(hash)
        if (bytes === undefined) throw new Error('The server did not give the module.')
        return bytes
      },
      refresh: () => observer.refresh?.(),
    }
    const desk: CommandDesk = await createCommandDesk({
      ...{ ports, journalFile, signal: stop.signal, recorded: options.recorded ?? false },
      identity: async () => ({ hostId: HOST_ID, hostKey: HOST_KEY, commandKey: server.publicKey }),
      policy: async () => policy,
      isStopped: async () => stopped,
      skewMs: () => skewMs,
      kernel: async () => {
        const { memory, kernelEvents, kernel } = await observer.current()
        const wasForced = (patch?: string) =>
          memory.some(({ name, forcedAt }) => forcedAt !== null && (patch ?? name) === name) ||
          (kernelEvents === null ? null : false)
        return { release: kernel.release, buildId: null, bootId: kernel.bootId, wasForced }
      },
      report: (result) => {
        if (!dead) results.push(result)
      },
      warn: (text) => void warnings.push(text),
    })
    return {
      desk,
      count: () => count,
      isDead: () => dead,
      async stop() {
        stop.abort()
        await virtual.advance(0)
        await observing
      },
    }
  }

  const held = plan.holds.find(({ kind }) => kind === 'killable')
  return {
    ...{ plan, host, live, server, clock, disk, effects, onDisk, results, warnings, startAgent },
    advance: (seconds: number) => virtual.advance(seconds * 1_000),
    nowMs: () => clock.now(),
    setPolicy: (next: HostPolicy) => {
      policy = next
    },
    setStopped: (next: boolean) => {
      stopped = next
    },
    setDiskMs: (next: number) => {
      diskMs = next
    },
    setSkewMs: (next: number) => {
      skewMs = next
    },
    /** Another file lies where the copy was put. */
    swapFile: (swap: typeof tampered) => {
      tampered = swap
    },
    offer: (bytes: Uint8Array): string => {
      artefacts.set(sha256(bytes), bytes)
      return sha256(bytes)
    },
    /** The module file of one of the plan's patches. */
    moduleFile: (index: number): Uint8Array => {
      const patch = plan.patches.at(index)
      if (patch === undefined) throw new Error('no such patch')
      return simulatedModule(patch, { release: plan.release, architecture: plan.architecture })
    },
    patchName: (index: number): string => plan.patches.at(index)?.image.name ?? '',
    /** A task that sleeps in one of the newest patch's functions until let go. */
    hold: () => {
      if (held === undefined || host.kernel === null) throw new Error('nothing can hold')
      host.kernel.keepTasksRunning(true)
      return host.kernel.machine.spawn(holdingTask(held)).tid
    },
    letGo: () => host.kernel?.machine.signalEvent(RELEASED),
    /** In effect and not in transition, by the kernel itself. */
    inEffect: (): string[] => {
      const core = host.kernel?.state.livepatch
      return (core?.patches ?? [])
        .filter((patch) => patch.enabled && core?.changing.patch !== patch)
        .map(({ name }) => name)
    },
    ends: (id: string): ResultFacts[] =>
      results.filter(({ commandId, state }) => commandId === id && state !== 'started'),
  }
}
export type CommandBench = Awaited<ReturnType<typeof createCommandBench>>

const GOING_IN = { target: 'patching' } as const

/** Commands as a person would have them on a bench's host. */
export const commandsOn = (bench: CommandBench) => {
  const kernel = { release: bench.plan.release, buildId: null }
  const artefact = (index: number, releaseCounter = bench.plan.patches.length + index) => {
    const bytes = bench.moduleFile(index)
    return { sha256: bench.offer(bytes), size: bytes.length, releaseCounter }
  }
  const send = (change: Partial<Authorisation>, given: Parameters<typeof messageOf>[2] = {}): CommandMessage =>
    messageOf(bench.server, authorisationOf({ kernel, ...change }, bench.nowMs()), { nowMs: bench.nowMs(), ...given })
  return {
    send,
    artefact,
    load: (index: number, change: Partial<Authorisation> = {}) =>
      send({ action: 'load', patch: bench.patchName(index), artefact: artefact(index), ...change }),
    onPatch: (action: Authorisation['action'], index: number, change: Partial<Authorisation> = {}) =>
      send({ action, patch: bench.patchName(index), ...(isOfTransition(action) && GOING_IN), ...change }),
  }
}
