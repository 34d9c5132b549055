import type { FunctionKey } from '../kernel/program.ts'
import type { PatchFunction } from './patch.ts'

/**
 * Who redirects which function through ftrace. Of livepatch there is one user a function, whatever number of patches
 * stand upon each other; another user that changes where a call goes excludes it, and the other way round
 * (FTRACE_OPS_FL_IPMODIFY: Documentation/trace/ftrace-uses.rst).
 */
export class FunctionStacks {
  /** The switch kernel.ftrace_enabled. */
  enabled = true
  /** All that ftrace ever redirected since its object was loaded. */
  readonly touched = new Set<FunctionKey>()
  readonly others = new Set<FunctionKey>()
  /** Versions of a function, the newest last. */
  readonly #stacks = new Map<FunctionKey, PatchFunction[]>()

  get size(): number {
    return this.#stacks.size
  }

  has(key: FunctionKey): boolean {
    return this.#stacks.has(key)
  }

  /** klp_ftrace_handler: the version that a task of this state reaches; undefined: the original. */
  reached(key: FunctionKey, patchState: -1 | 0 | 1): PatchFunction | undefined {
    let version = this.#stacks.get(key)?.at(-1)
    if (version?.transition && patchState === 0) version = this.below(version)
    return version === undefined || version.image === null ? undefined : version
  }

  /** The version just below; undefined: the original. */
  below(version: PatchFunction): PatchFunction | undefined {
    const stack = this.#stacks.get(version.key) ?? []
    return stack[stack.indexOf(version) - 1]
  }

  /** @returns false when ftrace refuses: it is off, or someone else redirects the function (EBUSY) */
  push(version: PatchFunction): boolean {
    const stack = this.#stacks.get(version.key)
    if (stack) stack.push(version)
    else if (!this.enabled || this.others.has(version.key)) return false
    else {
      this.#stacks.set(version.key, [version])
      this.touched.add(version.key)
    }
    version.patched = true
    return true
  }

  /** Another user that changes where a function's calls go. @returns an errno's name when it may not */
  addOther(key: FunctionKey): string | null {
    if (this.#stacks.has(key) || this.others.has(key)) return 'EBUSY'
    this.others.add(key)
    this.touched.add(key)
    return null
  }

  remove(version: PatchFunction): void {
    const stack = (this.#stacks.get(version.key) ?? []).filter((other) => other !== version)
    if (stack.length === 0) this.#stacks.delete(version.key)
    else this.#stacks.set(version.key, stack)
    version.patched = false
  }

  /** An object's code is gone, and what ftrace knew of it. */
  forget(object: string): void {
    for (const key of this.touched) if (key.startsWith(`${object},`)) this.touched.delete(key)
  }
}
