import type {
  EnabledFunction,
  KernelFacts,
  Livepatch,
  LivepatchModule,
  OperatingSystem,
} from '@rebootless/shared/contract/kernel.ts'
import type { Clock } from '../clock.ts'
import { readBootId, readUptimeMs } from '../kernel/boot.ts'
import { readBuildId } from '../kernel/build-id.ts'
import { readEnabledFunctions, relevantFunctions } from '../kernel/enabled-functions.ts'
import { readOperatingSystem, readUname } from '../kernel/identity.ts'
import { type KernelConfig, readKernelConfig } from '../kernel/kernel-config.ts'
import type { KernelFs } from '../kernel/kernel-fs.ts'
import {
  readFtraceEnabled,
  readLockdown,
  readModulesDisabled,
  readSignatureEnforced,
} from '../kernel/kernel-switches.ts'
import { readLivepatches } from '../kernel/livepatch-sysfs.ts'
import { type LoadedModule, readLivepatchModules, readModules } from '../kernel/modules.ts'
import { isAbsent, type KernelReading, noteUnreadable, readFile, startReading } from '../kernel/reading.ts'
import { readTaints } from '../kernel/taint.ts'

/** What changes when livepatches do: cheap enough to be read every few seconds. */
export interface PatchesReading {
  bootId: string | null
  livepatches: Livepatch[] | null
  modules: LoadedModule[] | null
}

/** Everything about a host but its tasks and its log. */
export interface HostReading extends PatchesReading {
  hostName: string | null
  kernel: KernelFacts
  operatingSystem: OperatingSystem
  livepatchModules: LivepatchModule[] | null
  enabledFunctions: EnabledFunction[] | null
  /** Files and refusals, in the order read. */
  notes: KernelReading
}

/** Read once a boot: the config is large and does not change. */
export interface BootFacts {
  config: KernelConfig | null
  bootedAt: string | null
  buildId: string | null
}

export const readPatches = async (reading: KernelReading): Promise<PatchesReading> => ({
  bootId: await readBootId(reading),
  livepatches: await readLivepatches(reading),
  modules: await readModules(reading),
})

export const readBootFacts = async (fs: KernelFs, clock: Clock): Promise<BootFacts> => {
  const reading = startReading(fs)
  const { release } = await readUname(reading)
  const uptimeMs = await readUptimeMs(reading)
  return {
    config: await readKernelConfig(fs, release),
    bootedAt: uptimeMs === null ? null : new Date(clock.now() - uptimeMs).toISOString(),
    buildId: await readBuildId(fs),
  }
}

export const readHost = async (fs: KernelFs, architecture: string, boot: BootFacts): Promise<HostReading> => {
  const notes = startReading(fs)
  const { release, version, hostName } = await readUname(notes)
  const patches = await readPatches(notes)
  const functions = patches.livepatches === null ? null : await readEnabledFunctions(notes)
  if (patches.livepatches !== null) await probeTasks(notes)
  return {
    ...patches,
    hostName,
    kernel: {
      ...{ release, version, architecture, bootId: patches.bootId, bootedAt: boot.bootedAt },
      buildId: boot.buildId,
      livepatchConfigured: patches.livepatches !== null ? true : (boot.config?.livepatch ?? null),
      reliableStackTraces: boot.config?.reliableStackTraces ?? null,
      lockdown: await readLockdown(notes),
      moduleSignatureEnforced: await readSignatureEnforced(notes),
      modulesDisabled: await readModulesDisabled(notes),
      ftraceEnabled: await readFtraceEnabled(notes),
      taints: await readTaints(notes),
    },
    operatingSystem: await readOperatingSystem(notes),
    livepatchModules: patches.modules === null ? null : await readLivepatchModules(notes, patches.modules),
    enabledFunctions:
      functions === null ? null : relevantFunctions(notes, functions, patchedNames(patches.livepatches ?? [])),
    notes,
  }
}

const patchedNames = (patches: readonly Livepatch[]): ReadonlySet<string> =>
  new Set(patches.flatMap(({ objects }) => objects.flatMap(({ functions }) => functions.map(({ name }) => name))))

/** Whether tasks of others can be read is told by process 1, before a transition makes it matter: proc(5), hidepid. */
const probeTasks = async (notes: KernelReading): Promise<void> => {
  const options = { unlisted: true }
  const states = 'without root it is not visible which tasks have switched'
  const stacks = "without root the blocking tasks' stacks are not visible"
  await readFile(notes, '/proc/1/patch_state', { ...options, consequence: states })
  await readFile(notes, '/proc/1/stack', { ...options, consequence: stacks })
  const first = await notes.fs.list('/proc/1/task')
  if (!first.ok && isAbsent(first)) noteUnreadable(notes, '/proc/1', first.errno, 'the tasks of other users are hidden')
}
