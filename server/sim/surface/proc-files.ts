import type { DirectoryEntry } from '../../agent/kernel/kernel-fs.ts'
import type { KernelState, KernelSwitches, Lockdown } from '../kernel/kernel-state.ts'
import type { Task } from '../kernel/task.ts'
import { atOnce, directoryEntry, fileEntry, ok, type SurfaceDirectory, type SurfaceFile, textFile } from './file.ts'
import { kallsymsText, modulesText } from './module-files.ts'
import { findPressureFile, loadFile } from './pressure-files.ts'
import { findTaskFile } from './task-files.ts'

type Make = (kernel: KernelState) => SurfaceFile

/** Depends on who reads. */
const perReader = (text: (kernel: KernelState, uid: number) => string): Make => {
  return (kernel) => ({ kind: 'file', mode: 0o444, uid: 0, read: (uid) => ok(text(kernel, uid)) })
}
const text = (of: (kernel: KernelState) => string): Make => {
  return (kernel) => textFile(() => `${of(kernel)}\n`)
}

/** A switch under /proc/sys that takes 0 and 1; what writing one does is answered by an errno or null. */
const toggle = (
  isOn: (kernel: KernelState) => boolean,
  set: (kernel: KernelState, on: boolean) => string | null,
): Make => {
  return (kernel) => ({
    ...textFile(() => (isOn(kernel) ? '1\n' : '0\n'), 0o644),
    write: atOnce((written) => {
      const value = written.trim()
      return value === '0' || value === '1' ? set(kernel, value === '1') : 'EINVAL'
    }),
  })
}

const FILES: Readonly<Record<string, Make>> = {
  'sys/kernel/osrelease': text(({ facts }) => facts.release),
  'sys/kernel/version': text(({ facts }) => facts.version ?? '#1 SMP'),
  'sys/kernel/hostname': text(({ facts }) => facts.hostName),
  'sys/kernel/random/boot_id': text(({ facts }) => facts.bootId),
  'sys/kernel/tainted': text(({ modules }) => `${modules.tainted}`),
  'sys/kernel/ftrace_enabled': toggle(({ livepatch }) => livepatch.stacks.enabled, setFtrace),
  /** Documentation/admin-guide/sysctl/kernel.rst: once on, it stays. */
  'sys/kernel/modules_disabled': toggle(
    ({ switches }) => switches.modulesDisabled,
    ({ switches }, on) => {
      if (!on) return 'EINVAL'
      switches.modulesDisabled = true
      return null
    },
  ),
  'sys/kernel/dmesg_restrict': toggle(
    ({ switches }) => switches.dmesgRestricted,
    ({ switches }, on) => {
      switches.dmesgRestricted = on
      return null
    },
  ),
  loadavg: loadFile,
  uptime: text(uptimeText),
  stat: text(({ facts }) => `btime ${Math.floor(facts.bootedAtMs / 1_000)}`),
  modules: perReader(modulesText),
  kallsyms: perReader(kallsymsText),
  'dynamic_debug/control': dynamicDebug,
}

/** Kernels that retired the switch say so once, and never turn it off; the others refuse while livepatch needs ftrace. */
function setFtrace({ facts, livepatch, log, machine, switches }: KernelState, on: boolean): string | null {
  if (facts.livepatch.ftraceSwitch === 'retired') {
    if (on) return null
    if (switches.ftraceWarned) return 'EOPNOTSUPP'
    switches.ftraceWarned = true
    log.append(4, machine.nowUs, 'The ftrace_enabled file is deprecated and no longer disables ftrace')
    return 'EOPNOTSUPP'
  }
  if (!on && livepatch.stacks.size > 0) return 'EBUSY'
  livepatch.stacks.enabled = on
  return null
}

/** Seconds since boot, and idle: proc(5). */
function uptimeText({ machine }: KernelState): string {
  const seconds = (machine.nowUs / 1_000_000).toFixed(2)
  return `${seconds} ${(Number(seconds) * machine.cpus.length).toFixed(2)}`
}

/** Documentation/admin-guide/dynamic-debug-howto.rst; of the statements only what concerns livepatch does anything. */
function dynamicDebug({ switches }: KernelState): SurfaceFile {
  return {
    ...textFile(() => '# filename:lineno [module]function flags format\n', 0o644),
    write: atOnce((written) => {
      for (const statement of written.split(/[;\n]/)) {
        const flag = /([+-])p\s*$/.exec(statement)?.[1]
        if (flag !== undefined) setDebug(switches, statement, flag === '+')
      }
      return null
    }),
  }
}

const setDebug = (switches: KernelSwitches, statement: string, on: boolean): void => {
  const all = /\bfile\s+\S*livepatch\/(\*|transition\.c)/.test(statement)
  if (all) switches.livepatchDebug = on
  if (all || /\bfunc\s+klp_try_switch_task\b/.test(statement)) switches.switchTaskDebug = on
}

/** procfs: proc(5). */
export const findProcFile = (
  kernel: KernelState,
  parts: readonly string[],
  uid: number,
): SurfaceFile | SurfaceDirectory | null => {
  const [first = '', ...rest] = parts
  const hidden = (task: Task) => kernel.switches.hidepid === 2 && uid !== 0 && task.uid !== uid
  if (first === '') return { kind: 'directory', mode: 0o555, uid: 0, list: () => ok(processEntries(kernel, hidden)) }
  if (/^[1-9]\d{0,8}$/.test(first)) return findTaskFile(kernel, Number(first), rest, hidden)
  // Whoever reads is no task of this machine; its limits are those of any.
  if (first === 'self') return rest[0] === 'limits' ? findTaskFile(kernel, 1, rest, () => false) : null
  if (first === 'pressure') return findPressureFile(kernel, rest)
  const path = parts.join('/')
  const make = Object.hasOwn(FILES, path) ? FILES[path] : undefined
  return make?.(kernel) ?? null
}

const NAMES = ['cmdline', 'kallsyms', 'loadavg', 'meminfo', 'modules', 'stat', 'uptime', 'version']

const processEntries = ({ machine }: KernelState, hidden: (task: Task) => boolean): readonly DirectoryEntry[] => {
  const pids = new Set<number>()
  for (const task of machine.tasks.values()) if (!hidden(task)) pids.add(task.pid)
  return [...[...pids].map((pid) => directoryEntry(`${pid}`)), directoryEntry('sys'), ...NAMES.map(fileEntry)]
}

/** /sys/kernel/security/lockdown can only be raised: kernel_lockdown(7). */
export const lockdownFile = ({ switches, log, machine }: KernelState): SurfaceFile => {
  const levels: readonly Lockdown[] = ['none', 'integrity', 'confidentiality']
  return {
    ...textFile(
      () => `${levels.map((level) => (level === switches.lockdown ? `[${level}]` : level)).join(' ')}\n`,
      0o644,
    ),
    write: atOnce((written) => {
      const level = levels.indexOf(written.trim() as Lockdown)
      const chosen = levels[level]
      if (chosen === undefined) return 'EINVAL'
      if (level <= levels.indexOf(switches.lockdown)) return 'EPERM'
      switches.lockdown = chosen
      log.append(5, machine.nowUs, 'Kernel is locked down from securityfs; see man kernel_lockdown.7')
      return null
    }),
  }
}
