import { cut, type KernelReading, parseBoolean, readFile } from './reading.ts'

/** /sys/kernel/security/lockdown, as `none [integrity] confidentiality`: kernel_lockdown(7). */
export const readLockdown = async (reading: KernelReading): Promise<string | null> => {
  const text = await readFile(reading, '/sys/kernel/security/lockdown', {
    consequence: 'whether the kernel is locked down is not known',
  })
  return text === null ? null : parseLockdown(text)
}

export const parseLockdown = (text: string): string | null => {
  const chosen = /\[([^\]]+)\]/.exec(text)?.[1]
  return chosen === undefined ? null : cut(chosen, 32)
}

/** CONFIG_MODULE_SIG_FORCE or module.sig_enforce: Documentation/admin-guide/module-signing.rst. */
export const readSignatureEnforced = async (reading: KernelReading): Promise<boolean | null> =>
  parseBoolean(
    await readFile(reading, '/sys/module/module/parameters/sig_enforce', {
      consequence: 'whether modules must be signed is not known',
    }),
  )

/** Documentation/admin-guide/sysctl/kernel.rst, modules_disabled. */
export const readModulesDisabled = async (reading: KernelReading): Promise<boolean | null> =>
  parseBoolean(
    await readFile(reading, '/proc/sys/kernel/modules_disabled', {
      consequence: 'whether modules can still be loaded is not known',
    }),
  )

/** Documentation/admin-guide/sysctl/kernel.rst, ftrace_enabled. */
export const readFtraceEnabled = async (reading: KernelReading): Promise<boolean | null> =>
  parseBoolean(
    await readFile(reading, '/proc/sys/kernel/ftrace_enabled', { consequence: 'whether ftrace is on is not known' }),
  )
