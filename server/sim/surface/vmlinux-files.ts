import type { KernelFacts } from '../kernel/kernel-facts.ts'
import type { FunctionFile } from '../kernel/module-image.ts'

const file = (path: string, name: string, text: string): FunctionFile => ({
  ...{ path, text },
  function: { object: 'vmlinux', name, sympos: 1 },
})

/** Files of procfs by whose text a livepatch of the function behind them can be seen, as the kernel's samples do it. */
export const vmlinuxFiles = ({ release, version }: KernelFacts): readonly FunctionFile[] => [
  file('/proc/cmdline', 'cmdline_proc_show', `BOOT_IMAGE=/boot/vmlinuz-${release} root=/dev/vda1 ro\n`),
  file('/proc/version', 'version_proc_show', `Linux version ${release} ${version ?? ''}`.trim().concat('\n')),
  file('/proc/meminfo', 'meminfo_proc_show', 'MemTotal:        4028080 kB\nMemFree:         3218316 kB\n'),
]
