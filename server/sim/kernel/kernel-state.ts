import type { LivepatchCore } from '../livepatch/livepatch-core.ts'
import type { KernelFacts } from './kernel-facts.ts'
import type { KernelLog } from './kernel-log.ts'
import type { LoadedModules } from './loaded-modules.ts'
import type { Machine } from './machine.ts'
import type { FunctionFile } from './module-image.ts'
import type { PatchSystem } from './patch-system.ts'

export type Lockdown = 'none' | 'integrity' | 'confidentiality'

/** What root may change on a running kernel. */
export interface KernelSwitches {
  lockdown: Lockdown
  signaturesEnforced: boolean
  modulesDisabled: boolean
  dmesgRestricted: boolean
  /** Mount option of /proc: 2 hides the processes of others. */
  hidepid: 0 | 2
  /** Dynamic debug lets pr_debug of kernel/livepatch through, and that of klp_try_switch_task. */
  livepatchDebug: boolean
  switchTaskDebug: boolean
  /** The warning that ftrace_enabled is retired comes once a boot. */
  ftraceWarned: boolean
}

/** The parts of a simulated kernel, for those that act on it and those that show it. */
export interface KernelState {
  readonly facts: KernelFacts
  readonly machine: Machine
  readonly log: KernelLog
  readonly modules: LoadedModules
  readonly livepatch: LivepatchCore
  /** Where another system stands in livepatch's place. */
  readonly system: PatchSystem | null
  readonly switches: KernelSwitches
  /** null: any name is there, once. */
  readonly functions: readonly string[] | null
  readonly files: readonly FunctionFile[]
}

/** printk at this moment. */
export const printk = ({ log, machine }: KernelState, priority: number, text: string): void =>
  log.append(priority, machine.nowUs, text)

/** Symbols of vmlinux or of a module; none when it is not there. */
export const symbolsOf = ({ functions, modules }: KernelState, object: string): readonly string[] | null =>
  object === 'vmlinux' ? functions : (modules.get(object)?.image.functions ?? [])
