import type { KernelState } from '../kernel/kernel-state.ts'
import { isAsleep, stackOf, systemCallOf, type Task } from '../kernel/task.ts'
import { entryFrames, kernelThreadFrames, systemCallNumber, waitsIn } from './entry-frames.ts'
import { directoryEntry, directoryOf, failed, fileEntry, ok, type SurfaceDirectory, type SurfaceFile } from './file.ts'
import { newNameOf } from './module-files.ts'

type Text = (kernel: KernelState, task: Task) => string

interface TaskFile {
  readonly text: Text
  readonly mode?: number
  /** Others than root are refused by the file itself, though it opens for its owner. */
  readonly rootOnly?: boolean
}

/** What a thread shows: proc(5). */
const FILES: Readonly<Record<string, TaskFile>> = {
  patch_state: { text: (_, task) => `${task.patchState}\n`, mode: 0o400 },
  stat: { text: (_, task) => statText(task) },
  status: { text: (_, task) => statusText(task) },
  comm: { text: (_, task) => `${task.comm}\n` },
  cgroup: { text: (_, task) => `0::${task.cgroup}\n` },
  stack: { text: (kernel, task) => stackText(kernel, task), mode: 0o400, rootOnly: true },
  wchan: { text: (kernel, task) => wchanText(kernel, task) },
  syscall: { text: (kernel, task) => syscallText(kernel, task), mode: 0o400 },
  limits: { text: () => LIMITS },
}

/** kGraft's mark, where livepatch has its state: fs/proc/base.c of SUSE's kernel 4.4. */
const KGR_IN_PROGRESS: TaskFile = { text: (_, task) => `${task.patchPending ? 1 : 0}\n`, mode: 0o444 }

const filesOf = ({ facts, system }: KernelState): Readonly<Record<string, TaskFile>> => {
  if (facts.livepatchConfigured !== false) return FILES
  return system?.system === 'kgraft' ? KGRAFT_FILES : FILES_WITHOUT
}
const { patch_state: _patchState, ...FILES_WITHOUT } = FILES
const KGRAFT_FILES = { ...FILES_WITHOUT, kgr_in_progress: KGR_IN_PROGRESS }

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max open files            1024                 524288               files
`

/** `/proc/PID/…` and `/proc/PID/task/TID/…`. */
export const findTaskFile = (
  kernel: KernelState,
  pid: number,
  [second, third, fourth, ...rest]: readonly string[],
  hidden: (task: Task) => boolean,
): SurfaceFile | SurfaceDirectory | null => {
  const leader = kernel.machine.tasks.get(pid)
  const threads = () => [...kernel.machine.tasks.values()].filter((task) => task.pid === pid)
  const process = leader ?? threads()[0]
  if (process === undefined || hidden(process)) return null
  if (second === undefined)
    return directoryOf(() => [directoryEntry('task'), ...Object.keys(filesOf(kernel)).map(fileEntry)])
  if (second !== 'task') return third === undefined ? taskFile(kernel, process, second) : null
  if (third === undefined) return directoryOf(() => threads().map(({ tid }) => directoryEntry(`${tid}`)))
  const thread = kernel.machine.tasks.get(Number(third))
  if (thread?.pid !== pid || rest.length > 0) return null
  if (fourth === undefined) return directoryOf(() => Object.keys(filesOf(kernel)).map(fileEntry))
  return taskFile(kernel, thread, fourth)
}

const taskFile = (kernel: KernelState, task: Task, name: string): SurfaceFile | null => {
  const files = filesOf(kernel)
  const file = Object.hasOwn(files, name) ? files[name] : undefined
  if (file === undefined) return null
  return {
    ...{ kind: 'file', mode: file.mode ?? 0o444, uid: task.uid },
    read: (uid) => {
      if (file.rootOnly && uid !== 0) return failed('EACCES')
      return task.state === 'dead' ? failed('ESRCH') : ok(file.text(kernel, task))
    },
  }
}

/** A killable sleep shows as D, like one that nothing ends. */
const letterOf = ({ state }: Task): string =>
  ({ running: 'R', runnable: 'R', interruptible: 'S', killable: 'D', uninterruptible: 'D', idle: 'I', dead: 'X' })[
    state
  ]

/** include/linux/sched.h: PF_KTHREAD with PF_NOFREEZE and PF_FORKNOEXEC, PF_RANDOMIZE, that with PF_FORKNOEXEC. */
const flagsOf = ({ kind, pid, tid }: Task): number =>
  kind !== 'user' ? 2_129_984 : pid === tid ? 4_194_304 : 4_194_368

/** Field 22 counts in USER_HZ, which is 100 everywhere. */
const statText = (task: Task): string => {
  const parent = task.pid === 1 ? 0 : task.kind === 'user' ? 1 : 2
  const started = Math.floor(task.startedUs / 10_000)
  const fields = `${letterOf(task)} ${parent} 0 0 0 -1 ${flagsOf(task)} 0 0 0 0 0 0 0 0 20 0 1 0 ${started}`
  const last = `0 0 18446744073709551615 0 0 0 0 0 0 0 2147483647 0 1 0 0 17 ${task.cpu} 0 0 0 0 0 0 0 0 0 0 0 0 0`
  return `${task.tid} (${task.comm}) ${fields} ${last}\n`
}

const statusText = (task: Task): string => {
  const uids = [task.uid, task.uid, task.uid, task.uid].join('\t')
  return `Name:\t${task.comm}\nState:\t${letterOf(task)}\nTgid:\t${task.pid}\nPid:\t${task.tid}\nUid:\t${uids}\n`
}

interface ShownFrame {
  readonly name: string
  /** `vmlinux`, or the module whose code it is. */
  readonly module: string
}

/** Innermost first: what it sleeps in, the program's functions in the versions that were called, and the way in. */
const framesOf = (kernel: KernelState, task: Task): readonly ShownFrame[] => {
  const { architecture, release } = kernel.facts
  const calls = stackOf(task).toReversed()
  const shown = calls.map(({ function: called, code }, index): ShownFrame => {
    // ppc64le returns from a new version through a stub of livepatch, which the unwinder shows in the caller's place.
    const viaStub = architecture === 'ppc64le' && (calls[index - 1]?.code.patch ?? null) !== null
    if (viaStub) return { name: 'livepatch_handler', module: 'vmlinux' }
    if (code.patch === null) return { name: called.name, module: called.object }
    const brought = kernel.livepatch.versionOf(code)
    // The other systems' new versions keep the name.
    if (kernel.system !== null) return { name: called.name, module: code.patch }
    return { name: newNameOf(brought?.image ?? { name: called.name }), module: code.patch }
  })
  const systemCall = systemCallOf(task)
  const outer =
    task.kind !== 'user'
      ? kernelThreadFrames(architecture, release)
      : systemCall === null
        ? []
        : entryFrames(architecture, systemCall)
  const innermost = shown.length > 0 || (task.kind === 'user' && systemCall === null) ? [] : [waitsIn(systemCall)]
  const vmlinux = (name: string): ShownFrame => ({ name, module: 'vmlinux' })
  return [...innermost.map(vmlinux), ...shown, ...outer.map(vmlinux)]
}

/**
 * `[<0>] FUNCTION+OFFSET/SIZE [MODULE]`. On ppc64le a sleeping task's trace begins above the frame of __switch_to,
 * with whatever lies there.
 */
export const stackText = (kernel: KernelState, task: Task): string => {
  if (!isAsleep(task)) return ''
  const lines = framesOf(kernel, task).map(
    ({ name, module }) => `${name}+${offsetOf(name)}${module === 'vmlinux' ? '' : ` [${module}]`}`,
  )
  const above = kernel.facts.architecture === 'ppc64le' ? ['0xc00000000c09f870', '__switch_to+0x310/0x3b8'] : []
  return [...above, ...lines].map((line) => `[<0>] ${line}\n`).join('')
}

const wchanText = (kernel: KernelState, task: Task): string =>
  isAsleep(task) ? (framesOf(kernel, task)[0]?.name ?? '0') : '0'

/** `running`; or the number, six arguments, and the two pointers: fs/proc/base.c, proc_pid_syscall. */
const syscallText = ({ facts }: KernelState, task: Task): string => {
  const { architecture } = facts
  if (!isAsleep(task)) return 'running\n'
  if (task.kind !== 'user') {
    if (architecture === 'ppc64le') return 'running\n'
    return architecture === 's390x' ? '-1 0x0 0x0\n' : `0${' 0x0'.repeat(8)}\n`
  }
  const name = systemCallOf(task)
  const number = name === null ? null : systemCallNumber(architecture, name)
  return number === null
    ? '-1 0x7ffe3993a190 0x43bc6c\n'
    : `${number} 0x3 0x7ffe3993a150 0xff 0x0 0x0 0x0 0x7ffe3993a120 0x43bc6c\n`
}

/** No meaning, but the same for the same function: `0x4e/0x90`. */
const offsetOf = (name: string): string => {
  let hash = 7
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 4_093
  const size = 0x20 + (hash % 60) * 0x10
  return `0x${(1 + (hash % (size - 1))).toString(16)}/0x${size.toString(16)}`
}
