import type { Procedure } from '../core/procedure.ts'
import type { LivepatchStates } from '../kernel/module-image.ts'
import { COSTS, type LivepatchEnvironment } from './environment.ts'
import type { FunctionStacks } from './function-stacks.ts'
import type { Patch, PatchFunction, PatchObject } from './patch.ts'

const ERRNO_NAMES: Readonly<Record<number, string>> = {
  ...{ 1: 'EPERM', 2: 'ENOENT', 5: 'EIO', 11: 'EAGAIN', 12: 'ENOMEM', 13: 'EACCES', 16: 'EBUSY', 17: 'EEXIST' },
  ...{ 19: 'ENODEV', 22: 'EINVAL', 28: 'ENOSPC', 33: 'EDOM', 34: 'ERANGE', 95: 'EOPNOTSUPP', 110: 'ETIMEDOUT' },
}
const errnoName = (negative: number): string => ERRNO_NAMES[-negative] ?? 'EINVAL'

/** The objects of patches: their symbols, their functions in ftrace, their callbacks, their coming and going. */
export class PatchedObjects {
  readonly #environment: LivepatchEnvironment
  readonly #stacks: FunctionStacks
  /** Modules that livepatch knows of (klp_alive). */
  readonly #alive = new Set(['vmlinux'])

  readonly #olderThan: (patch: Patch) => readonly Patch[]

  constructor(
    environment: LivepatchEnvironment,
    stacks: FunctionStacks,
    olderThan: (patch: Patch) => readonly Patch[],
  ) {
    this.#environment = environment
    this.#stacks = stacks
    this.#olderThan = olderThan
  }

  /** Looks up all functions of the objects that are there. @returns whether each was found */
  resolve(patch: Patch): boolean {
    for (const object of patch.objects)
      object.loaded = this.#alive.has(object.name) || this.#environment.symbols(object.name) === null
    return patch.objects.every((object) => !object.loaded || this.#resolveObject(object))
  }

  *patch(object: PatchObject): Procedure<string | null> {
    const { machine, log } = this.#environment
    object.patched = true
    for (const version of object.functions) {
      yield machine.random.span(COSTS.patchFunction)
      if (this.#stacks.push(version)) continue
      log(3, `failed to register ftrace handler for function '${version.name}' (-16)`)
      yield* this.unpatch(object)
      return 'EBUSY'
    }
    return null
  }

  *unpatch(object: PatchObject): Procedure<void> {
    yield* this.#remove(object.functions)
    object.patched = false
  }

  *unpatchNoOps(object: PatchObject): Procedure<void> {
    yield* this.#remove(object.functions.filter(({ image }) => image === null))
    if (object.dynamic) object.patched = false
  }

  /** @returns the errno by which it refuses */
  *prePatch(object: PatchObject, patch: Patch): Procedure<string | null> {
    const code = yield* this.#call(() => object.callbacks.prePatch?.(patch.parameters, this.#statesOf(patch)) ?? 0)
    object.postUnpatchDue = code === 0
    if (code === 0) return null
    this.#environment.log(4, `pre-patch callback failed for object '${object.name}'`)
    return errnoName(code)
  }

  *postPatch(object: PatchObject, patch: Patch): Procedure<void> {
    yield* this.#call(() => object.callbacks.postPatch?.(patch.parameters, this.#statesOf(patch)))
  }

  *preUnpatch(object: PatchObject, patch: Patch): Procedure<void> {
    yield* this.#call(() => object.callbacks.preUnpatch?.(patch.parameters, this.#statesOf(patch)))
  }

  /** Only where pre_patch was done. */
  *postUnpatch(object: PatchObject, patch: Patch): Procedure<void> {
    if (object.postUnpatchDue)
      yield* this.#call(() => object.callbacks.postUnpatch?.(patch.parameters, this.#statesOf(patch)))
    object.postUnpatchDue = false
  }

  /** A module comes: every patch that has a part for it patches it, also one in transition. @returns why it may not */
  *come(name: string, patches: readonly Patch[], changing: Patch | null): Procedure<string | null> {
    this.#alive.add(name)
    for (const patch of patches) {
      for (const object of patch.objects.filter((known) => known.name === name)) {
        const errno = yield* this.#apply(object, patch, patch === changing)
        if (errno === null) continue
        this.#environment.log(4, `patch '${patch.name}' failed for module '${name}', refusing to load module '${name}'`)
        object.loaded = false
        yield* this.go(name, patches.slice(0, patches.indexOf(patch)), changing)
        return errno
      }
    }
    return null
  }

  /** A module goes: klp_cleanup_module_patches_limited. */
  *go(name: string, patches: readonly Patch[], changing: Patch | null): Procedure<void> {
    this.#alive.delete(name)
    for (const patch of patches) {
      for (const object of patch.objects.filter((known) => known.name === name)) {
        if (patch !== changing) yield* this.preUnpatch(object, patch)
        this.#environment.log(5, `reverting patch '${patch.name}' on unloading module '${name}'`)
        yield* this.unpatch(object)
        yield* this.postUnpatch(object, patch)
        object.loaded = false
      }
    }
  }

  *#apply(object: PatchObject, patch: Patch, changing: boolean): Procedure<string | null> {
    const { log } = this.#environment
    object.loaded = true
    if (!this.#resolveObject(object)) {
      log(4, `failed to initialize patch '${patch.name}' for module '${object.name}' (-22)`)
      return 'EINVAL'
    }
    log(5, `applying patch '${patch.name}' to loading module '${object.name}'`)
    const refusal = yield* this.prePatch(object, patch)
    if (refusal !== null) return refusal
    const errno = yield* this.patch(object)
    if (errno !== null) {
      log(4, `failed to apply patch '${patch.name}' to module '${object.name}' (-16)`)
      yield* this.postUnpatch(object, patch)
      return errno
    }
    if (!changing) yield* this.postPatch(object, patch)
    return null
  }

  /** klp_find_object_symbol */
  #resolveObject(object: PatchObject): boolean {
    const symbols = this.#environment.symbols(object.name)
    if (symbols === null) return true
    return object.functions.every(({ name, sympos }) => {
      let count = 0
      for (const symbol of symbols) if (symbol === name) count += 1
      const problem =
        count === 0
          ? `symbol '${name}' not found in symbol table`
          : sympos === 0 && count > 1
            ? `unresolvable ambiguity for symbol '${name}' in object '${object.name}'`
            : sympos > count
              ? `symbol position '${sympos}' for symbol '${name}' in object '${object.name}' not found`
              : null
      if (problem !== null) this.#environment.log(3, problem)
      return problem === null
    })
  }

  *#remove(versions: readonly PatchFunction[]): Procedure<void> {
    const { machine } = this.#environment
    for (const version of versions) {
      if (!version.patched) continue
      yield machine.random.span(COSTS.unpatchFunction)
      this.#stacks.remove(version)
    }
  }

  /** kernel/livepatch/state.c */
  #statesOf(patch: Patch): LivepatchStates {
    return {
      own: (id) => patch.states.find((state) => state.id === id),
      previous: (id) =>
        this.#olderThan(patch)
          .flatMap(({ states }) => states.filter((state) => state.id === id))
          .at(-1),
    }
  }

  *#call<T>(callback: () => T): Procedure<T> {
    yield this.#environment.machine.random.span(COSTS.callbacks)
    return callback()
  }
}
