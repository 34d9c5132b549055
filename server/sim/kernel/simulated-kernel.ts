import type { KernelFs } from '../../agent/kernel/kernel-fs.ts'
import type { KernelFacts } from './kernel-facts.ts'
import type { Machine } from './machine.ts'
import type { FunctionFile, ModuleImage } from './module-image.ts'
import type { TaskPlan } from './program.ts'

export interface SimulatedKernelOptions {
  readonly facts: KernelFacts
  readonly seed: number
  readonly cpus: number
  /** Running at boot; the first is process 1. */
  readonly tasks: readonly TaskPlan[]
  /** Functions of vmlinux that can be patched, in the order of its symbols; of one name, the first has sympos 1. */
  readonly functions: readonly string[]
  /** Files whose text a function of vmlinux writes, such as /proc/cmdline by cmdline_proc_show. */
  readonly files?: readonly FunctionFile[]
  readonly lockdown?: 'none' | 'integrity' | 'confidentiality'
  /** CONFIG_MODULE_SIG_FORCE, or module.sig_enforce. */
  readonly signaturesEnforced?: boolean
}

/** A system call that has begun. Virtual time must pass until it is done. */
export interface Pending {
  readonly done: boolean
  /** The errno's name; null when it succeeded, or is not done yet. */
  readonly errno: string | null
  /** Calls back when it is done, at once when it is. */
  whenDone(run: () => void): void
}

/** A Linux kernel with livepatch on a machine of its own. */
export interface SimulatedKernel {
  readonly machine: Machine
  readonly facts: KernelFacts
  /** Microseconds since boot. */
  readonly nowUs: number
  /** When something happens next; undefined: never, unless somebody acts. */
  nextUs(): number | undefined
  advanceTo(us: number): void
  /** Advances virtual time until the call is done. @returns its errno */
  finish(pending: Pending): string | null
  /** finit_module(2) */
  finitModule(image: ModuleImage, parameters?: Readonly<Record<string, string>>, uid?: number): Pending
  /** delete_module(2) with O_NONBLOCK, as rmmod does */
  deleteModule(name: string, uid?: number): Pending
  /** One open and one write of the whole text. */
  writeFile(path: string, text: string, uid?: number): Pending
  /** The kernel's files as this user sees them. A read shows the moment; nothing in it takes virtual time. */
  fs(uid?: number): KernelFs
  /** printk by something outside the model, such as an oops or a test; `priority` 0 to 7. */
  log(priority: number, text: string): void
  /** Keeps tasks running while no transition does; otherwise they rest. */
  keepTasksRunning(running: boolean): void
}

export declare const createSimulatedKernel: (options: SimulatedKernelOptions) => SimulatedKernel
