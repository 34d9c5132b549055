import type { Livepatch } from '@rebootless/shared/contract/kernel.ts'
import type { HoldingCode } from '../kernel/task-stack.ts'

/**
 * What no stack may hold when a task is to switch (klp_check_stack_func): on the way in, the functions being replaced,
 * be they the original ones or those of patches below; on the way out, the patch's own.
 */
export const holdingCode = (
  patch: Livepatch,
  target: 'patching' | 'unpatching',
  all: readonly Livepatch[],
): HoldingCode => {
  if (target === 'unpatching') return { functions: [], modules: new Set([patch.name]) }
  const functions = patch.objects.flatMap((object) =>
    object.functions.map(({ name }) => ({ object: object.name, name })),
  )
  const keys = new Set(functions.map(({ object, name }) => `${object}/${name}`))
  const shares = (other: Livepatch) =>
    other.objects.some((object) => object.functions.some(({ name }) => keys.has(`${object.name}/${name}`)))
  const below = all.filter((other) => other.name !== patch.name && shares(other)).map(({ name }) => name)
  return { functions, modules: new Set(below) }
}
