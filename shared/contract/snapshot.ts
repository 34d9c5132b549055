import * as z from 'zod'
import {
  EnabledFunction,
  KernelFacts,
  Livepatch,
  LivepatchModule,
  OperatingSystem,
  RawFile,
  Unreadable,
} from './kernel.ts'
import { KernelEvent, PatchMemory } from './patch-memory.ts'
import { hostText, Instant } from './primitives.ts'
import { DistributionFacts, ProviderReport } from './provider.ts'
import { TransitionSample } from './transition.ts'

/** All that an agent read of one host, once. `null` stands for what could not be read. */
export const Snapshot = z.strictObject({
  takenAt: Instant,
  hostName: hostText(255),
  kernel: KernelFacts,
  operatingSystem: OperatingSystem,
  providers: z.array(ProviderReport).max(16),
  /** null: an older agent, which does not read them. */
  distribution: DistributionFacts.nullable().default(null),
  /** null: /sys/kernel/livepatch is missing or could not be listed. */
  livepatches: z.array(Livepatch).max(256).nullable(),
  livepatchModules: z.array(LivepatchModule).max(512).nullable(),
  /** Only functions that a livepatch names, or that some IPMODIFY user holds; null: tracefs could not be read. */
  enabledFunctions: z.array(EnabledFunction).max(8192).nullable(),
  memory: z.array(PatchMemory).max(512),
  /** The latest livepatch records of the kernel log, oldest first; null: the log could not be read. */
  kernelEvents: z.array(KernelEvent).max(256).nullable(),
  transition: TransitionSample.nullable(),
  unreadable: z.array(Unreadable).max(128),
  raw: z.array(RawFile).max(512),
})
export type Snapshot = z.infer<typeof Snapshot>
