import type { PatchStatus } from '@rebootless/shared/contract/host.ts'
import { plural } from '../../ui/duration.ts'

/** In the stack is what sysfs lists, superseded ones too; out of it, what is disabled and only loaded or remembered. */
export const inStack = (stack: readonly PatchStatus[]): PatchStatus[] => stack.filter((patch) => patch.order !== null)

/** `2 patches in the stack, 1 out`: the same count that the tab bears. */
export const stackWords = (stack: readonly PatchStatus[]): string => {
  const inside = inStack(stack).length
  const outside = stack.length - inside
  const out = outside === 0 ? '' : `, ${outside} out`
  return inside === 0 ? `no patch in the stack${out}` : `${plural(inside, 'patch', 'patches')} in the stack${out}`
}
