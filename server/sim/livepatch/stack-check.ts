import { stackOf, type Task } from '../kernel/task.ts'
import type { LivepatchEnvironment } from './environment.ts'
import type { FunctionStacks } from './function-stacks.ts'
import type { Patch, PatchFunction } from './patch.ts'

/** kernel/livepatch/transition.c, MAX_STACK_ENTRIES. */
export const STACK_ENTRIES_MAX = 100

export type Verdict =
  | { readonly may: true }
  | { readonly may: false; readonly function: PatchFunction | null; readonly why: string }

const MAY: Verdict = { may: true }

/**
 * klp_try_switch_task: a task may go over when it sleeps, its stack can be trusted, and holds no version that it would
 * leave: on the way in the one just below the patch, on the way out the patch's own.
 *
 * @param self the task checks itself, as in cond_resched: then it may be running
 */
export const mayGoOver = (
  { features, isStackReliable }: LivepatchEnvironment,
  stacks: FunctionStacks,
  patch: Patch,
  target: 0 | 1,
  task: Task,
  self = false,
): Verdict => {
  if (task.state === 'running' && !self) return { may: false, function: null, why: 'is running' }
  const calls = stackOf(task)
  if (!features.reliableStacks || calls.length > STACK_ENTRIES_MAX || isStackReliable?.(task) === false)
    return { may: false, function: null, why: 'has an unreliable stack' }
  if (calls.length === 0) return MAY
  for (const object of patch.objects) {
    if (!object.patched) continue
    for (const version of object.functions) {
      const left = codeToBeLeft(stacks, version, target)
      if (calls.some(({ code }) => code.function === version.key && code.patch === left))
        return { may: false, function: version, why: `is sleeping on function ${version.name}` }
    }
  }
  return MAY
}

/** Name of the patch whose version a task must not be in; null: the original. */
const codeToBeLeft = (stacks: FunctionStacks, version: PatchFunction, target: 0 | 1): string | null => {
  const left = target === 0 ? version : stacks.below(version)
  return left === undefined || left.image === null ? null : left.patch.name
}
