import type { Livepatch, LivepatchModule } from '@rebootless/shared/contract/kernel.ts'
import type { KernelEvent, PatchMemory } from '@rebootless/shared/contract/patch-memory.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { TasksWanted } from '@rebootless/shared/contract/task-look.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import { rememberPatches } from '@rebootless/shared/domain/patch-memory.ts'
import { isRunning } from '@rebootless/shared/domain/patch-memory-entry.ts'
import type { Clock } from '../clock.ts'
import type { KernelFs } from '../kernel/kernel-fs.ts'
import type { LoadedModule } from '../kernel/modules.ts'
import { noteUnreadable, startReading } from '../kernel/reading.ts'
import type { HoldingCode } from '../kernel/task-stack.ts'
import type { HostPrograms } from '../programs/programs.ts'
import { PROVIDERS } from '../providers/all-providers.ts'
import { readDistribution } from '../providers/distribution/read-distribution.ts'
import { type BootFacts, type PatchesReading, readBootFacts, readHost, readPatches } from '../providers/host-reading.ts'
import { assembleSnapshot } from '../providers/livepatch.ts'
import type { Provider } from '../providers/provider.ts'
import { codeToLeave, holdingCode } from './holding-code.ts'
import type { PatchedCode } from './incident-log.ts'
import { loadMemory, saveMemory } from './memory-file.ts'
import { createProviderWatch } from './provider-watch.ts'
import { createReplacementFinder } from './replacements.ts'
import { createTransitionSampler } from './transition-sampler.ts'

const KERNEL_EVENTS_KEPT = 256

export interface HostWatchOptions {
  fs: KernelFs
  clock: Clock
  architecture: string
  hostName?: string
  dataDirectory?: string
  /** Without it no tool is asked, and only livepatch's own account is given: a recorded kernel has no tools. */
  programs?: HostPrograms
  /** The systems looked for besides livepatch; default PROVIDERS. */
  providers?: readonly Provider[]
}

/**
 * All that is known of one kernel between two readings. Not to be entered twice at once, but for `settle` and
 * `readProviders`.
 */
export interface HostWatch {
  /** Looks at sysfs; true when livepatches differ from the last look, events came, or the last snapshot is outdated. */
  look(events: readonly KernelEvent[], kernelLogErrno: string | null): Promise<boolean>
  /**
   * Finds out what takes long to read; the other verbs may be used meanwhile. True when the last snapshot is outdated
   * by what was found.
   */
  settle(): Promise<boolean>
  /**
   * Reads those tools of the host that are due, which may take a minute; the other verbs may be used meanwhile. True when
   * the last snapshot is outdated by what they say.
   */
  readProviders(signal: AbortSignal): Promise<boolean>
  /** What the tools said is outdated, whatever the kernel shows. */
  forgetProviders(): void
  /** Whether every tool has been looked at once, so that a snapshot would leave none out. */
  isComplete(): boolean
  /** Reads everything. */
  snapshot(kernelLogErrno: string | null): Promise<Snapshot>
  /** Reads all tasks when a transition runs; null when none does. */
  sample(): Promise<TransitionSample | null>
  /** Whether a patch is in transition by sysfs or by the log, which may differ for a moment. */
  inTransition(): boolean
  /** Milliseconds until tasks of the running transition can first be called blocking. */
  undecidedMs(): number
  /** What no stack may hold for a patch that is yet to be loaded. */
  codeToLeave(wanted: TasksWanted): HoldingCode
  /** Names of livepatches of this boot, and the functions that those which are there change. */
  patchedCode(): PatchedCode
  close(): Promise<void>
}

export const createHostWatch = (options: HostWatchOptions): HostWatch => {
  const { fs, clock, architecture } = options
  const sampler = createTransitionSampler(fs, clock, architecture)
  const findReplacements = createReplacementFinder(fs)
  const taskNotes = startReading(fs)
  let bootId: string | null = null
  let boot: BootFacts | null = null
  let memory: PatchMemory[] = []
  let events: KernelEvent[] = []
  /** Up to here the log is in the memory, perhaps by an earlier run; up to there this run has heard it. */
  let lastSequence = -1
  let heard = -1
  let seen: PatchesReading | null = null
  let latestSample: TransitionSample | null = null
  /** The memory as the last snapshot has it. */
  let told = ''
  const providerWatch =
    options.programs === undefined
      ? null
      : createProviderWatch({
          ...{ fs, clock, architecture, programs: options.programs, readDistribution },
          providers: options.providers ?? PROVIDERS,
        })
  let providersOutdated = false

  const enterBoot = async (id: string | null) => {
    await sampler.end()
    const kept = options.dataDirectory && id !== null ? await loadMemory(options.dataDirectory, id) : null
    bootId = id
    boot = null
    memory = kept?.entries ?? []
    lastSequence = kept?.lastSequence ?? -1
    heard = -1
    events = []
    seen = null
    latestSample = null
  }

  const remember = async (patches: PatchesReading, fresh: readonly KernelEvent[], readable: boolean) => {
    const before = JSON.stringify(memory)
    const reading = {
      livepatches: patches.livepatches,
      previous: seen?.livepatches ?? null,
      modules: patches.modules === null ? null : livepatchModules(patches.modules),
      kernelLogReadable: readable,
    }
    memory = rememberPatches(
      memory,
      reading,
      fresh.filter(({ sequence }) => sequence > lastSequence),
      clock.now(),
    )
    const newest = fresh.at(-1)?.sequence ?? lastSequence
    if (JSON.stringify(memory) === before && newest <= lastSequence) return
    lastSequence = Math.max(lastSequence, newest)
    await save()
  }

  const save = async () => {
    if (options.dataDirectory === undefined || bootId === null) return
    try {
      await saveMemory(options.dataDirectory, { bootId, lastSequence, entries: memory })
    } catch (error) {
      // A full disk costs the memory over a restart, not the watching.
      const errno = error instanceof Error && 'code' in error ? String(error.code) : 'EIO'
      noteUnreadable(
        taskNotes,
        'patch-memory.json',
        errno,
        'a restart of the agent will forget which patches were forced',
      )
    }
  }

  const look = async (fresh: readonly KernelEvent[], kernelLogErrno: string | null) => {
    const patches = await readPatches(startReading(fs))
    const first = seen === null || patches.bootId !== bootId
    if (first) await enterBoot(patches.bootId)
    const ofThisBoot = afterRestart(fresh).filter(({ sequence }) => sequence > heard)
    heard = ofThisBoot.at(-1)?.sequence ?? heard
    const differs = first || ofThisBoot.length > 0 || fingerprint(patches) !== fingerprint(seen)
    await remember(patches, ofThisBoot, kernelLogErrno === null)
    events = [...events, ...ofThisBoot].slice(-KERNEL_EVENTS_KEPT)
    seen = patches
    // What is learnt of a patch that is gone shows in no file.
    return differs || providersOutdated || JSON.stringify(memory) !== told
  }

  const sample = async (): Promise<TransitionSample | null> => {
    const patch = seen?.livepatches?.find(({ transition }) => transition === true)
    const entry = memory.find(({ name }) => name === patch?.name) ?? null
    // The log says "complete" a moment before sysfs does; the tasks then have no side any more.
    if (patch === undefined || entry?.transitionStartedAt == null) {
      await sampler.end()
      latestSample = null
      return null
    }
    const target = entry?.direction ?? (patch.enabled === false ? 'unpatching' : 'patching')
    const holding = holdingCode(patch, target, seen?.livepatches ?? [], entry)
    latestSample = await sampler.sample({ patch, target, memory: entry, holding }, taskNotes)
    return latestSample
  }

  const orderOf = (patch: string) => memory.find(({ name }) => name === patch)?.enabledOrder ?? -1

  const settle = async () => {
    const ofBoot = bootId
    const own = await findReplacements(seen?.livepatches ?? [], memory)
    // Meanwhile looks went on.
    const entry = memory.find(({ name, enabledOrder }) => name === own?.name && enabledOrder === own.enabledOrder)
    if (own === null || entry === undefined || bootId !== ofBoot) return false
    memory = memory.map((other) => (other === entry ? { ...entry, replacements: own.replacements } : other))
    await save()
    return true
  }

  const readProviders = async (signal: AbortSignal) => {
    if (providerWatch === null || seen === null || !(await providerWatch.refresh(seen, signal))) return false
    providersOutdated = true
    return true
  }

  return {
    look,
    sample,
    settle,
    readProviders,
    forgetProviders: () => providerWatch?.outdate(),
    isComplete: () => providerWatch === null || providerWatch.isComplete(),
    inTransition: () => isInTransition(seen?.livepatches ?? null) || memory.some(isRunning),
    undecidedMs: sampler.undecidedMs,
    codeToLeave: (wanted) => codeToLeave(wanted, seen?.livepatches ?? []),
    patchedCode() {
      const present = [...(seen?.livepatches ?? [])].sort((one, other) => orderOf(one.name) - orderOf(other.name))
      return {
        modules: new Set([...memory, ...present].map(({ name }) => name)),
        functions: new Map(
          present.flatMap(({ name: patch, objects }) =>
            (objects ?? []).flatMap(({ functions }) => functions.map(({ name }) => [name, patch] as const)),
          ),
        ),
      }
    },
    close: sampler.end,
    async snapshot(kernelLogErrno) {
      boot ??= await readBootFacts(fs, clock)
      const host = await readHost(fs, architecture, boot)
      if (host.bootId === bootId) {
        await remember(host, [], kernelLogErrno === null)
        seen = host
      }
      told = JSON.stringify(memory)
      providersOutdated = false
      for (const { path, errno, consequence } of taskNotes.unreadable) {
        noteUnreadable(host.notes, path, errno, consequence)
      }
      return assembleSnapshot({
        ...{ host, hostName: options.hostName, memory, kernelLogErrno },
        kernelEvents: kernelLogErrno === null ? events : null,
        transition: isInTransition(host.livepatches) ? latestSample : null,
        account: providerWatch?.account() ?? null,
        takenAt: new Date(clock.now()).toISOString(),
      })
    },
  }
}

const isInTransition = (livepatches: readonly Livepatch[] | null): boolean =>
  livepatches?.some(({ transition }) => transition === true) === true

/** Sequence numbers rise within a boot: what stands before a fall belongs to the one before. */
const afterRestart = (events: readonly KernelEvent[]): readonly KernelEvent[] => {
  const fall = events.findLastIndex((event, index) => event.sequence <= (events[index - 1]?.sequence ?? -1))
  return fall <= 0 ? events : events.slice(fall)
}

const livepatchModules = (modules: readonly LoadedModule[]): LivepatchModule[] =>
  modules
    .filter(({ taint }) => taint.includes('K'))
    .map(({ name, taint, refcnt, sizeBytes }) => ({ name, taint, refcnt, sizeBytes, version: null, srcversion: null }))

const fingerprint = (patches: { livepatches: Livepatch[] | null; modules: LoadedModule[] | null } | null): string =>
  JSON.stringify(patches && [patches.livepatches, patches.modules && livepatchModules(patches.modules)])
