import type { KernelFacts } from '../kernel/kernel-facts.ts'
import { type KernelState, symbolsOf } from '../kernel/kernel-state.ts'
import type { FunctionKey } from '../kernel/program.ts'
import { directoryOf, failed, fileEntry, ok, type SurfaceDirectory, type SurfaceFile } from './file.ts'

/** tracefs, which is root's alone: Documentation/trace/ftrace.rst. */
export const findTracingFile = (
  kernel: KernelState,
  [name, ...rest]: readonly string[],
): SurfaceFile | SurfaceDirectory | null => {
  const names = ['enabled_functions', ...(kernel.facts.livepatch.touchedFunctions ? ['touched_functions'] : [])]
  if (name === undefined) return directoryOf(() => names.map(fileEntry), 0o700)
  if (rest.length > 0 || !names.includes(name)) return null
  return {
    ...{ kind: 'file', mode: 0o400, uid: 0 },
    // kernel_lockdown(7): confidentiality bars tracefs, for root too.
    read: () =>
      kernel.switches.lockdown === 'confidentiality'
        ? failed('EPERM')
        : ok(functionsText(kernel, name === 'touched_functions')),
  }
}

const functionsText = (kernel: KernelState, touched: boolean): string => {
  const { stacks } = kernel.livepatch
  const order = symbolOrder(kernel)
  const anyEnabled = stacks.size > 0 || stacks.others.size > 0
  return [...stacks.touched]
    .filter((key) => touched || stacks.has(key) || stacks.others.has(key))
    .sort((left, right) => order(left) - order(right))
    .map((key) => functionLine(kernel.facts, key, stacks.has(key) || stacks.others.has(key), anyEnabled))
    .join('')
}

/** The lists go by address: vmlinux, then modules as they were loaded, each in the order of its symbols. */
const symbolOrder = (kernel: KernelState): ((key: FunctionKey) => number) => {
  const objects = ['vmlinux', ...kernel.modules.all().map(({ image }) => image.name)]
  const touched = [...kernel.livepatch.stacks.touched]
  return (key) => {
    const [object = '', name = '', sympos = '1'] = key.split(',')
    const symbols = symbolsOf(kernel, object)
    const within = symbols === null ? touched.indexOf(key) : symbols.indexOf(name) + Number(sympos) - 1
    return objects.indexOf(object) * 1e6 + within
  }
}

/**
 * t_show (kernel/trace/ftrace.c): each flag has its place. R saves registers, I changes the return address, D is a
 * direct call, O has operations of its own, M was modified once. x86-64 names the trampoline, arm64 the operations.
 */
const functionLine = (facts: KernelFacts, key: FunctionKey, enabled: boolean, anyEnabled: boolean): string => {
  const [object, name] = key.split(',')
  const arm = facts.architecture === 'aarch64'
  const flags = enabled ? `   I  ${arm ? ' O' : '  '}` : `      ${'  '}`
  const modified = facts.livepatch.touchedFunctions
  const shown = modified ? `${flags} M ` : flags.slice(0, 6)
  const where = object === 'vmlinux' ? name : `${name} [${object}]`
  return `${where} (${enabled ? 1 : 0})${shown}${handlerText(facts, enabled, anyEnabled)}\n`
}

const HANDLER = 'klp_ftrace_handler+0x0/0x100'

const handlerText = ({ architecture }: KernelFacts, enabled: boolean, anyEnabled: boolean): string => {
  if (architecture === 'x86_64') {
    if (enabled) return `\ttramp: 0xffffffffc05d9000 (${HANDLER}) ->${HANDLER}`
    return ` ->${anyEnabled ? 'arch_ftrace_ops_list_func+0x0/0x1d0' : 'ftrace_stub+0x0/0x20'}`
  }
  return architecture === 'aarch64' && enabled ? `\tops: 0xffff000001a1f820 (${HANDLER})` : ''
}
