import { cut, type KernelReading, parseBoolean, readFile } from './reading.ts'

/**
 * /sys/kernel/security/lockdown, as `none [integrity] confidentiality`: kernel_lockdown(7). Without the file it is `none` where
 * the list of security modules is there and does not name it (security/inode.c); without securityfs nobody knows.
 */
export const readLockdown = async (reading: KernelReading): Promise<string | null> => {
  const consequence = 'whether the kernel is locked down is not known'
  const text = await readFile(reading, '/sys/kernel/security/lockdown', { consequence })
  if (text !== null) return parseLockdown(text)
  const modules = await readFile(reading, '/sys/kernel/security/lsm', { consequence })
  return modules === null || modules.trim().split(',').includes('lockdown') ? null : 'none'
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
