import type { Livepatch, LivepatchFunction } from '@rebootless/shared/contract/kernel.ts'
import type { PatchMemory } from '@rebootless/shared/contract/patch-memory.ts'
import type { TasksWanted } from '@rebootless/shared/contract/task-look.ts'
import { functionKey } from '@rebootless/shared/domain/patch-memory-entry.ts'
import type { HoldingCode } from '../kernel/task-stack.ts'

/**
 * What no stack may hold when a task is to switch (klp_check_stack_func): on the way in, the functions being replaced,
 * be they the original ones or those of patches below; on the way out, the patch's own, which for a no-op of a
 * cumulative patch is the original (klp_init_object_loaded: its new_func is its old_func).
 */
export const holdingCode = (
  patch: Livepatch,
  target: 'patching' | 'unpatching',
  all: readonly Livepatch[],
  memory: PatchMemory | null,
): HoldingCode => {
  const others = all.filter(({ name }) => name !== patch.name)
  if (target === 'unpatching')
    return { functions: listed(patch).filter(isPossibleNoop(patch, others, memory)), modules: new Set([patch.name]) }
  const functions = listed(patch)
  const keys = new Set(functions.map(({ object, name }) => `${object}/${name}`))
  const below = others.filter((other) => listed(other).some(({ object, name }) => keys.has(`${object}/${name}`)))
  return { functions, modules: new Set(below.map(({ name }) => name)) }
}

/**
 * The same of a patch that is yet to be loaded. A cumulative one takes all others out, and their functions that it lacks go
 * back to the original too (klp_add_nops).
 */
export const codeToLeave = ({ functions, replace }: TasksWanted, all: readonly Livepatch[]): HoldingCode => {
  const wanted = functions.map(({ object, function: name }) => ({ object, name }))
  const keys = new Set(wanted.map(({ object, name }) => `${object}/${name}`))
  const left = all.filter((other) => replace || listed(other).some(({ object, name }) => keys.has(`${object}/${name}`)))
  return { functions: wanted, modules: new Set(left.map(({ name }) => name)) }
}

interface Listed extends LivepatchFunction {
  object: string
}

const listed = (patch: Livepatch): Listed[] =>
  patch.objects.flatMap(({ name: object, functions }) => functions.map((one) => ({ object, ...one })))

/** No-ops are added only for what the patches to be replaced have; older kernels hide `replace`. */
const isPossibleNoop = (patch: Livepatch, others: readonly Livepatch[], memory: PatchMemory | null) => {
  const keyOf = ({ object, name, sympos }: Listed) => functionKey(object, name, sympos)
  const below = new Set(patch.replace === false ? [] : others.flatMap(listed).map(keyOf))
  return (one: Listed) =>
    below.has(keyOf(one))
      ? memory?.replacements.includes(keyOf(one)) !== true
      : memory?.noops.includes(keyOf(one)) === true
}
