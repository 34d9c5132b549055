import { Lock, type Procedure, startProcedure } from '../core/procedure.ts'
import { type Hooks, originalCode } from '../kernel/hooks.ts'
import type { LivepatchImage } from '../kernel/module-image.ts'
import { type Body, functionKey, type KernelFunction } from '../kernel/program.ts'
import type { Code, Task } from '../kernel/task.ts'
import { COSTS, type LivepatchEnvironment } from './environment.ts'
import { FunctionStacks } from './function-stacks.ts'
import {
  addNoOps,
  functionsOf,
  isCompatible,
  newPatch,
  type Patch,
  type PatchFunction,
  type PatchObject,
} from './patch.ts'
import { PatchedObjects } from './patched-objects.ts'
import { Transition } from './transition.ts'

/**
 * Livepatch since 4.12, with atomic replace and removal in any order (5.1): kernel/livepatch/core.c and transition.c.
 * What takes time is a procedure, and ends with the errno's name or null.
 */
export class LivepatchCore implements Hooks {
  /** klp_patches: oldest first. One that goes out is off the list some time before its directory goes. */
  patches: Patch[] = []
  /** Those with a directory in sysfs. */
  readonly directories = new Map<string, Patch>()
  readonly stacks = new FunctionStacks()
  readonly #environment: LivepatchEnvironment
  readonly #transition: Transition
  readonly #objects: PatchedObjects
  /** klp_mutex */
  readonly #lock = new Lock()
  /** Those whose code is there: all that are in, and what was forced out. */
  readonly #known = new Map<string, Patch>()

  constructor(environment: LivepatchEnvironment) {
    this.#environment = environment
    this.#transition = new Transition(environment, this.stacks)
    this.#objects = new PatchedObjects(environment, this.stacks, (patch) => this.#olderThan(patch))
  }

  /** The patch that is changing, where its tasks go (-1: none is), and where user mode is. */
  get changing(): Pick<Transition, 'patch' | 'target' | 'userState'> {
    return this.#transition
  }

  /** klp_enable_patch, called by the module's init function. */
  *enable(name: string, image: LivepatchImage, parameters: Readonly<Record<string, string>>): Procedure<string | null> {
    const { log, takeModule, features } = this.#environment
    if (!image.marked) {
      log(3, `module ${name} is not marked as a livepatch module`)
      return 'EINVAL'
    }
    if (!features.reliableStacks) {
      log(4, "This architecture doesn't have support for the livepatch consistency model.")
      log(4, 'The livepatch transition may never complete.')
    }
    yield this.#lock
    if (!isCompatible(image, this.patches)) {
      log(3, `Livepatch patch (${name}) is not compatible with the already installed livepatches.`)
      this.#lock.release()
      return 'EINVAL'
    }
    const patch = newPatch(name, image, parameters)
    takeModule(name)
    const errno = yield* this.#bringIn(patch)
    this.#lock.release()
    return errno
  }

  /** A write to the attribute `enabled`. */
  *writeEnabled(patch: Patch, value: boolean): Procedure<string | null> {
    yield this.#lock
    let errno: string | null = null
    if (patch.enabled === value) errno = 'EINVAL'
    else if (patch === this.#transition.patch) yield* this.#reverse(patch)
    else if (value) errno = 'EINVAL'
    else errno = yield* this.#disable(patch)
    this.#lock.release()
    return errno
  }

  /** A write to the attribute `force`. */
  *writeForce(patch: Patch, value: boolean): Procedure<string | null> {
    yield this.#lock
    const { target } = this.#transition
    const inTransition = patch === this.#transition.patch
    if (inTransition && value) {
      this.#transition.force()
      if (target === 0) patch.forced = true
      else if (patch.image.replace) for (const older of this.#olderThan(patch)) older.forced = true
    }
    this.#lock.release()
    return inTransition || !value ? null : 'EINVAL'
  }

  /** klp_module_coming, before the module's init. @returns why the module is refused */
  *moduleComing(name: string): Procedure<string | null> {
    yield this.#lock
    const errno = yield* this.#objects.come(name, this.patches, this.#transition.patch)
    this.#lock.release()
    return errno
  }

  /** klp_module_going, after the module's exit. */
  *moduleGoing(name: string): Procedure<null> {
    yield this.#lock
    yield* this.#objects.go(name, this.patches, this.#transition.patch)
    this.stacks.forget(name)
    this.#lock.release()
    return null
  }

  // Hooks: what a running kernel meets.

  redirect(task: Task, called: KernelFunction): Code {
    if (this.stacks.size === 0) return originalCode(called)
    const key = functionKey(called)
    return { function: key, patch: this.stacks.reached(key, task.patchState)?.patch.name ?? null }
  }

  redirectInterrupt(_cpu: number, interrupted: Task, called: KernelFunction): Code {
    return this.redirect(interrupted, called)
  }

  bodyOf(code: Code, original: Body): Body {
    const version = this.versionOf(code)
    const body = version?.image?.body
    if (version === undefined || body === undefined) return original
    return typeof body === 'function' ? body(version.patch.parameters) : body
  }

  /** What a patch brought, also when it is out and a forced task still runs it; undefined: the original. */
  versionOf({ function: key, patch }: Code): PatchFunction | undefined {
    const known = patch === null ? undefined : this.#known.get(patch)
    return known && functionsOf(known).find((version) => version.key === key && version.image !== null)
  }

  kernelExit(task: Task): void {
    this.#transition.atSafePoint(task, 'kernel_exit')
  }

  idle(idleTask: Task): void {
    this.#transition.atSafePoint(idleTask, 'idle')
  }

  fork(parent: Task, child: Task): void {
    child.patchState = parent.patchState
    child.patchPending = parent.patchPending
    if (child.patchState === this.#transition.target && child.patchState !== -1)
      this.#environment.onFact?.({ kind: 'switched', tid: child.tid, how: 'forked' })
  }

  /** Its parent is outside the machine, and went over when it last came back to user mode. */
  spawned(task: Task): void {
    task.patchState = this.#transition.userState
  }

  condResched(task: Task): void {
    if (this.#environment.features.switchesInCondResched) this.#transition.atCondResched(task)
  }

  // Bringing in and taking out.

  *#bringIn(patch: Patch): Procedure<string | null> {
    const { machine } = this.#environment
    if (patch.image.replace) addNoOps(patch, this.patches)
    this.directories.set(patch.name, patch)
    yield machine.random.span(COSTS.directory)
    const found = this.#objects.resolve(patch)
    if (found) this.patches.push(patch)
    const errno = found ? yield* this.#enable(patch) : 'EINVAL'
    if (errno !== null) {
      this.patches = this.patches.filter((other) => other !== patch)
      this.#free(patch)
    }
    return errno
  }

  *#enable(patch: Patch): Procedure<string | null> {
    const { machine, log } = this.#environment
    if (this.#transition.patch !== null) return 'EBUSY'
    log(5, `enabling patch '${patch.name}'`)
    this.#known.set(patch.name, patch)
    this.#transition.begin(patch, 1)
    yield machine.random.span(COSTS.initialize)
    for (const object of patch.objects) {
      if (!object.loaded) continue
      const errno = yield* this.#patchObject(object, patch)
      if (errno === null) continue
      log(4, `failed to enable patch '${patch.name}'`)
      this.#transition.debug('canceling patching transition, going to unpatch')
      this.#transition.target = 0
      yield* this.#complete(patch)
      return errno
    }
    this.#transition.start()
    yield machine.random.span(COSTS.start)
    patch.enabled = true
    yield* this.#tryComplete()
    return null
  }

  *#patchObject(object: PatchObject, patch: Patch): Procedure<string | null> {
    const refusal = yield* this.#objects.prePatch(object, patch)
    if (refusal !== null) return refusal
    const errno = yield* this.#objects.patch(object)
    if (errno !== null) this.#environment.log(4, `failed to patch object '${object.name}'`)
    return errno
  }

  *#disable(patch: Patch): Procedure<string | null> {
    const { machine } = this.#environment
    if (this.#transition.patch !== null) return 'EBUSY'
    this.#transition.begin(patch, 0)
    yield machine.random.span(COSTS.initialize)
    for (const object of patch.objects) if (object.loaded) yield* this.#objects.preUnpatch(object, patch)
    this.#transition.start()
    yield machine.random.span(COSTS.start)
    patch.enabled = false
    yield* this.#tryComplete()
    return null
  }

  /** klp_reverse_transition: what is already under way ends it, at the next pass. */
  *#reverse(patch: Patch): Procedure<void> {
    const { machine } = this.#environment
    const target = this.#transition.target === 1 ? 0 : 1
    const way = target === 0 ? 'patching to unpatching' : 'unpatching to patching'
    this.#transition.debug(`reversing transition from ${way}`)
    this.#transition.halt()
    yield machine.random.span(COSTS.synchronize)
    patch.enabled = !patch.enabled
    this.#transition.target = target
    this.#transition.start()
  }

  *#tryComplete(): Procedure<void> {
    const { machine, onFact } = this.#environment
    if (!(yield* this.#transition.pass())) {
      this.#transition.scheduleRetry(() => startProcedure(machine.timers, this.#retry(), () => undefined))
      return
    }
    const patch = this.#transition.patch
    if (patch === null) return
    yield* this.#complete(patch)
    onFact?.({ kind: 'completed' })
    const leaving = patch.enabled ? (patch.image.replace ? this.#olderThan(patch) : []) : [patch]
    this.patches = this.patches.filter((other) => !leaving.includes(other))
    if (leaving.length === 0) return
    machine.timers.after(machine.random.span(COSTS.free), () => {
      for (const gone of leaving) this.#free(gone)
    })
  }

  *#retry(): Procedure<void> {
    yield this.#lock
    if (this.#transition.patch !== null) yield* this.#tryComplete()
    this.#lock.release()
  }

  /** klp_complete_transition */
  *#complete(patch: Patch): Procedure<void> {
    const { machine, log } = this.#environment
    const patching = this.#transition.target === 1
    const direction = patching ? 'patching' : 'unpatching'
    this.#transition.debug(`completing ${direction} transition`)
    if (patching && patch.image.replace) yield* this.#dropReplaced(patch)
    if (!patching) {
      for (const object of patch.objects) yield* this.#objects.unpatch(object)
      yield machine.random.span(COSTS.synchronize)
    }
    for (const version of functionsOf(patch)) version.transition = false
    if (patching) yield machine.random.span(COSTS.synchronize)
    this.#transition.dropStates()
    for (const object of patch.objects) {
      if (!object.loaded) continue
      if (patching) yield* this.#objects.postPatch(object, patch)
      else yield* this.#objects.postUnpatch(object, patch)
    }
    log(5, `'${patch.name}': ${direction} complete`)
    yield machine.random.span(COSTS.callbacks)
    this.#transition.end()
  }

  /** klp_unpatch_replaced_patches and klp_discard_nops: their callbacks are not called. */
  *#dropReplaced(patch: Patch): Procedure<void> {
    for (const older of this.#olderThan(patch)) {
      older.enabled = false
      for (const object of older.objects) yield* this.#objects.unpatch(object)
    }
    for (const object of patch.objects) {
      yield* this.#objects.unpatchNoOps(object)
      object.functions = object.functions.filter(({ image }) => image !== null)
    }
    patch.objects = patch.objects.filter(({ dynamic }) => !dynamic)
  }

  #olderThan(patch: Patch): Patch[] {
    return this.patches.slice(0, Math.max(0, this.patches.indexOf(patch)))
  }

  #free(patch: Patch): void {
    this.directories.delete(patch.name)
    if (patch.forced) return
    this.#known.delete(patch.name)
    this.#environment.putModule(patch.name)
  }
}
