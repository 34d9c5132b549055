import { type Body, type FunctionKey, functionKey } from '../kernel/program.ts'
import type { Code, Task } from '../kernel/task.ts'
import type { ModelPatch } from './model.ts'

/** A function as one patch brings it. */
export interface Version {
  readonly key: FunctionKey
  readonly patch: ModelPatch
  readonly body: Body | undefined
}

/** Patches upon one another: of each function the versions that they bring, the newest last. */
export class Versions {
  readonly #stacks = new Map<FunctionKey, Version[]>()
  /** A task may still run what is no longer reached. */
  readonly #known = new Map<string, Version>()
  readonly #patches: ModelPatch[] = []

  /** Oldest first; those whose functions are all in place. */
  get patches(): readonly ModelPatch[] {
    return this.#patches
  }

  /** One function of a patch. */
  push(version: Version): void {
    const stack = this.#stacks.get(version.key)
    if (stack) stack.push(version)
    else this.#stacks.set(version.key, [version])
    this.#known.set(`${version.key} ${version.patch.name}`, version)
  }

  remove(version: Version): void {
    const stack = (this.#stacks.get(version.key) ?? []).filter(({ patch }) => patch !== version.patch)
    if (stack.length === 0) this.#stacks.delete(version.key)
    else this.#stacks.set(version.key, stack)
  }

  /** All functions at once. */
  add(patch: ModelPatch): void {
    for (const version of versionsOf(patch)) this.push(version)
    this.#patches.push(patch)
  }

  drop(patch: ModelPatch): void {
    for (const version of versionsOf(patch)) this.remove(version)
    this.forget(patch)
  }

  /** The patch is all there; its functions were pushed one by one. */
  settle(patch: ModelPatch): void {
    this.#patches.push(patch)
  }

  forget(patch: ModelPatch): void {
    const at = this.#patches.indexOf(patch)
    if (at >= 0) this.#patches.splice(at, 1)
  }

  top(key: FunctionKey): Version | undefined {
    return this.#stacks.get(key)?.at(-1)
  }

  /** The version below that of this patch; undefined: the original. */
  below(key: FunctionKey, patch: ModelPatch): Version | undefined {
    const stack = this.#stacks.get(key) ?? []
    return stack[stack.findIndex((version) => version.patch === patch) - 1]
  }

  bodyOf({ function: key, patch }: Code): Body | undefined {
    return patch === null ? undefined : this.#known.get(`${key} ${patch}`)?.body
  }
}

export const versionsOf = (patch: ModelPatch): readonly Version[] =>
  patch.functions.map(({ function: of, body }) => ({ key: functionKey(of), patch, body }))

/** Whether a call on the task's stack is this version of the function; `patch` null: the original. */
export const isInside = (task: Task, key: FunctionKey, patch: string | null): boolean =>
  task.frames.some(({ call }) => call?.code.function === key && call.code.patch === patch)
