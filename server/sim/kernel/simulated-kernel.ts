import type { KernelFs } from '../../agent/kernel/kernel-fs.ts'
import { type Procedure, startProcedure } from '../core/procedure.ts'
import type { Due } from '../core/timeline.ts'
import type { LivepatchFact } from '../livepatch/environment.ts'
import { LivepatchCore } from '../livepatch/livepatch-core.ts'
import { ShadowVariables } from '../livepatch/shadow-variables.ts'
import type { ModelPatch } from '../models/model.ts'
import { mayWrite } from '../surface/file.ts'
import { findFile } from '../surface/find-file.ts'
import { createSimulatedFs } from '../surface/simulated-fs.ts'
import { vmlinuxFiles } from '../surface/vmlinux-files.ts'
import type { KernelFacts } from './kernel-facts.ts'
import { KernelLog } from './kernel-log.ts'
import { type KernelState, type KernelSwitches, type Lockdown, printk, symbolsOf } from './kernel-state.ts'
import { LoadedModules, type TaintLetter } from './loaded-modules.ts'
import { Machine } from './machine.ts'
import type { FunctionFile, ModuleImage } from './module-image.ts'
import { loadModule, unloadModule } from './module-loading.ts'
import { type OtherSystem, PatchSystem } from './patch-system.ts'
import { functionKey, type KernelFunction, type TaskPlan } from './program.ts'
import type { Task } from './task.ts'

export interface SimulatedKernelOptions {
  readonly facts: KernelFacts
  readonly seed: number
  readonly cpus: number
  /** Running at boot; the first is process 1. */
  readonly tasks: readonly TaskPlan[]
  /** Functions of vmlinux that can be patched, in the order of its symbols; of one name, the first has sympos 1. null: any. */
  readonly functions: readonly string[] | null
  /** Files whose text a function of vmlinux writes, before or besides /proc/cmdline, /proc/meminfo and /proc/version. */
  readonly files?: readonly FunctionFile[]
  /** In place of livepatch. */
  readonly system?: OtherSystem
  readonly lockdown?: Lockdown
  /** CONFIG_MODULE_SIG_FORCE, or module.sig_enforce. */
  readonly signaturesEnforced?: boolean
  /** False for a task whose kernel stack can't be followed to its end, as in code without unwind information. */
  readonly isStackReliable?: (task: Task) => boolean
  /** What livepatch does, as it does it. */
  readonly onFact?: (fact: LivepatchFact) => void
}

/** Who makes a system call. */
export interface Caller {
  readonly uid?: number
  /** Its comm, which some refusals name in the log. */
  readonly comm?: string
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
  /** Its parts, for checks and for whoever shows more than its files do. Not to be changed. */
  readonly state: KernelState
  /** Microseconds since boot. */
  readonly nowUs: number
  /** When something happens next; undefined: never, unless somebody acts. */
  nextUs(): number | undefined
  advanceTo(us: number): void
  /** Advances virtual time until the call is done. @returns its errno */
  finish(pending: Pending): string | null
  /** finit_module(2) */
  finitModule(image: ModuleImage, parameters?: Readonly<Record<string, string>>, caller?: Caller): Pending
  /** delete_module(2) with O_NONBLOCK, as rmmod does */
  deleteModule(name: string, caller?: Caller): Pending
  /** What the tool of a system other than livepatch asks its core for, besides loading modules; one taken out stays as a module. */
  applyPatch(patch: ModelPatch): Pending
  disablePatch(name: string): Pending
  /** One open and one write of the whole text. */
  writeFile(path: string, text: string, caller?: Caller): Pending
  /** The kernel's files as this user sees them. A read shows the moment; nothing in it takes virtual time. */
  fs(uid?: number): KernelFs
  /** Permission bits of a file or directory, as stat(2) gives them to root; null: it is not there. */
  modeOf(path: string): number | null
  /** Mount option of /proc: 2 hides the processes of others from whoever is not root. */
  remountProc(hidepid: 0 | 2): void
  /** Somebody else changes where the calls of a function go, such as a kprobe with a post_handler. @returns an errno */
  redirectFunction(redirected: KernelFunction): string | null
  releaseFunction(redirected: KernelFunction): void
  /** The kernel's shadow variables, for the callbacks of patches. */
  readonly shadowVariables: ShadowVariables
  /** printk by something outside the model, such as an oops or a test; `priority` 0 to 7. */
  log(priority: number, text: string): void
  /** What something outside the model leaves on the kernel, such as D by an oops. */
  taint(letter: TaintLetter): void
  /** Keeps tasks running while no transition does; otherwise they rest. */
  keepTasksRunning(running: boolean): void
}

/** Tasks run so long after the boot, so that each is where its program has it, and after every transition. */
const TASKS_RUN_US = 500_000

export const createSimulatedKernel = (options: SimulatedKernelOptions): SimulatedKernel => {
  const { facts } = options
  const machine = new Machine(options)
  const log = new KernelLog()
  const modules = new LoadedModules(facts.architecture)
  const switches: KernelSwitches = {
    lockdown: options.lockdown ?? 'none',
    signaturesEnforced: options.signaturesEnforced ?? false,
    ...{ modulesDisabled: false, dmesgRestricted: true, hidepid: 0, livepatchDebug: false, switchTaskDebug: false },
    ftraceWarned: false,
  }
  const rest = restTasks(machine)
  const livepatch: LivepatchCore = new LivepatchCore({
    ...{ machine, features: facts.livepatch, onTransition: rest.onTransition },
    ...(options.onFact && { onFact: options.onFact }),
    ...(options.isStackReliable && { isStackReliable: options.isStackReliable }),
    log: (priority, text) => {
      if (priority < 7 || isLetThrough(switches, text)) printk(kernel, priority, `livepatch: ${text}`)
    },
    symbols: (object) => symbolsOf(kernel, object),
    takeModule: (name) => modules.take(name),
    putModule: (name) => modules.put(name),
  })
  const system =
    options.system === undefined
      ? null
      : new PatchSystem({
          ...{ system: options.system, machine, seed: options.seed, onChanging: rest.onTransition },
          takeModule: (name) => modules.take(name),
          putModule: (name) => modules.put(name),
        })
  const files = [...(options.files ?? []), ...vmlinuxFiles(facts)]
  const kernel: KernelState = {
    ...{ facts, machine, log, modules, livepatch, system, switches, functions: options.functions, files },
  }
  machine.hooks = system?.model ?? livepatch
  printk(kernel, 5, `Linux version ${facts.release} ${facts.version ?? ''}`.trim())
  for (const task of options.tasks) machine.spawn(task)

  const call = (procedure: Procedure<string | null>): Pending => {
    const pending = new Call()
    startProcedure(machine.timers, procedure, (errno) => pending.end(errno))
    return pending
  }
  const write = (path: string, text: string, uid: number): Pending => call(writeProcedure(kernel, path, text, uid))

  return {
    ...{ machine, facts, state: kernel, shadowVariables: new ShadowVariables() },
    get nowUs() {
      return machine.nowUs
    },
    nextUs: () => machine.nextUs(),
    advanceTo: (us) => machine.advanceTo(us),
    finish: (pending) => {
      while (!pending.done) machine.advanceTo(machine.nextUs() ?? neverEnds())
      return pending.errno
    },
    finitModule: (image, parameters = {}, caller = {}) =>
      call(loadModule(kernel, image, parameters, { uid: 0, comm: 'insmod', ...caller })),
    deleteModule: (name, caller = {}) => call(unloadModule(kernel, name, { uid: 0, comm: 'rmmod', ...caller })),
    applyPatch: (patch) => call(system === null ? refused('ENOENT') : system.enable(patch)),
    disablePatch: (name) => call(system === null ? refused('ENOENT') : system.disable(name)),
    writeFile: (path, text, { uid = 0 } = {}) => write(path, text, uid),
    fs: (uid = 0) => createSimulatedFs(kernel, uid, write),
    modeOf: (path) => findFile(kernel, path)?.mode ?? null,
    remountProc: (hidepid) => {
      switches.hidepid = hidepid
    },
    redirectFunction: (redirected) => livepatch.stacks.addOther(functionKey(redirected)),
    releaseFunction: (redirected) => livepatch.stacks.others.delete(functionKey(redirected)),
    log: (priority, text) => printk(kernel, priority, text),
    taint: (letter) => modules.taint(letter),
    keepTasksRunning: rest.keepRunning,
  }
}

class Call implements Pending {
  done = false
  errno: string | null = null
  readonly #waiting: (() => void)[] = []

  end(errno: string | null): void {
    this.done = true
    this.errno = errno
    for (const run of this.#waiting.splice(0)) run()
  }

  whenDone(run: () => void): void {
    if (this.done) run()
    else this.#waiting.push(run)
  }
}

const neverEnds = (): never => {
  throw new Error('nothing is due, and the call has not ended')
}

/** Tasks run while a transition does or somebody asks for it, and for a while after; else they rest. */
const restTasks = (machine: Machine) => {
  let asked = false
  let inTransition = false
  let pause: Due | null = null
  const decide = () => {
    machine.timers.cancel(pause)
    pause = null
    machine.rest(false)
    if (!asked && !inTransition) pause = machine.timers.after(TASKS_RUN_US, () => machine.rest(true))
  }
  decide()
  return {
    onTransition: (running: boolean) => {
      inTransition = running
      decide()
    },
    keepRunning: (running: boolean) => {
      asked = running
      decide()
    },
  }
}

const isLetThrough = ({ livepatchDebug, switchTaskDebug }: KernelSwitches, text: string): boolean =>
  text.startsWith('klp_try_switch_task:') ? switchTaskDebug : livepatchDebug

// biome-ignore lint/correctness/useYield: it takes no time
function* refused(errno: string): Procedure<string | null> {
  return errno
}

/** open(2) for writing, then write(2). A write of nothing is accepted wherever the file opens. */
function* writeProcedure(kernel: KernelState, path: string, text: string, uid: number): Procedure<string | null> {
  const file = findFile(kernel, path)
  if (file === null) return 'ENOENT'
  if (file.kind === 'directory') return 'EISDIR'
  if (file.write === undefined || !mayWrite(file, uid)) return 'EACCES'
  return text === '' ? null : yield* file.write(text)
}
