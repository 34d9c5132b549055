import type { KernelState } from '../kernel/kernel-state.ts'
import type { FunctionFile } from '../kernel/module-image.ts'
import { functionKey } from '../kernel/program.ts'
import { directoryEntry, directoryOf, ok, type SurfaceDirectory, type SurfaceFile, textFile } from './file.ts'
import { findLivepatchFile } from './livepatch-files.ts'
import { findModuleFile } from './module-files.ts'
import { findOtherSystemFile } from './other-system-files.ts'
import { findProcFile, lockdownFile } from './proc-files.ts'
import { findTracingFile } from './tracing-files.ts'

/** Nothing of the tree exists before it is asked for: a kernel at rest keeps no file. */
export const findFile = (kernel: KernelState, path: string, uid = 0): SurfaceFile | SurfaceDirectory | null => {
  const parts = path.split('/').filter((part) => part !== '')
  const [top, second, third] = parts
  if (top === 'proc') return functionFile(kernel, path) ?? findProcFile(kernel, parts.slice(1), uid)
  if (top === 'sys' && second === 'module') return findModuleFile(kernel, parts.slice(2))
  if (top === 'sys' && second === 'kernel') {
    if (third === undefined) return directoryOf(() => sysKernelNames(kernel).map(directoryEntry))
    if (third === 'livepatch' && isConfigured(kernel)) return findLivepatchFile(kernel, parts.slice(3))
    if (third === 'tracing') return findTracingFile(kernel, parts.slice(3))
    if (path === '/sys/kernel/security/lockdown') return lockdownFile(kernel)
    if (path === '/sys/kernel/debug/dynamic_debug/control') return findProcFile(kernel, ['dynamic_debug', 'control'], 0)
    return findOtherSystemFile(kernel, third, parts.slice(3))
  }
  if (path === '/etc/os-release') return textFile(() => kernel.facts.osRelease, 0o644)
  if (path === `/boot/config-${kernel.facts.release}`) return textFile(() => configText(kernel), 0o644)
  return functionFile(kernel, path)
}

const isConfigured = ({ facts }: KernelState): boolean => facts.livepatchConfigured !== false

const sysKernelNames = (kernel: KernelState): readonly string[] => [
  'debug',
  ...['kgraft', 'kpatch'].filter((name) => kernel.system?.system === name),
  ...(isConfigured(kernel) ? ['livepatch'] : []),
  ...['security', 'tracing'],
]

/** Kconfig's names of what the kernel was built with, as far as it matters here. */
const configText = (kernel: KernelState): string => {
  const { facts } = kernel
  return [
    ...['CONFIG_MODULES=y', 'CONFIG_DYNAMIC_FTRACE=y', 'CONFIG_HAVE_LIVEPATCH=y'],
    isConfigured(kernel) ? 'CONFIG_LIVEPATCH=y' : '# CONFIG_LIVEPATCH is not set',
    ...(kernel.system?.system === 'kgraft' ? ['CONFIG_KGRAFT=y'] : []),
    facts.livepatch.reliableStacks
      ? 'CONFIG_HAVE_RELIABLE_STACKTRACE=y'
      : '# CONFIG_HAVE_RELIABLE_STACKTRACE is not set',
    facts.livepatch.modversions ? 'CONFIG_MODVERSIONS=y' : '# CONFIG_MODVERSIONS is not set',
    '',
  ].join('\n')
}

/** A file that a function writes shows which version of it is reached by whoever comes from user mode now. */
const functionFile = (kernel: KernelState, path: string): SurfaceFile | null => {
  const file = findFunctionFile(kernel, path)
  if (file === undefined) return null
  return {
    ...{ kind: 'file', mode: 0o444, uid: 0 },
    read: () => ok([file, ...(file.also ?? [])].map((part) => reachedText(kernel, part)).join('')),
  }
}

const reachedText = ({ livepatch }: KernelState, part: Pick<FunctionFile, 'function' | 'text'>): string =>
  livepatch.stacks.reached(functionKey(part.function), livepatch.changing.userState)?.image?.text ?? part.text

const findFunctionFile = (kernel: KernelState, path: string): FunctionFile | undefined => {
  const own = kernel.files.find((known) => known.path === path)
  if (own) return own
  for (const { image } of kernel.modules.all()) {
    const file = image.files?.find((known) => known.path === path)
    if (file) return file
  }
  return undefined
}
