import type { HeldFile, KernelFs, Result } from './kernel-fs.ts'
import { isAbsent } from './reading.ts'

/** Threads come and go; the processes are listed at each reading, the threads of known ones only so often. */
const THREADS_RELISTED_EVERY = 4

/** A host may have more threads than the agent may have descriptors: getrlimit(2), RLIMIT_NOFILE. */
const OUT_OF_DESCRIPTORS: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE'])
/** Left for everything else that is read meanwhile: sysfs, stacks, sockets. */
const DESCRIPTORS_RESERVED = 128
/** Given back when they ran out all the same. */
const DESCRIPTORS_RELEASED = 64

export interface TaskStates {
  total: number
  /** Refused: no root, or another's task. At least 1 when others' tasks are hidden, for how many is not known. */
  unreadable: number
  tasks: { pid: number; tid: number; patchState: -1 | 0 | 1 }[]
  /** errno of the first refusal. */
  refusal: { path: string; errno: string } | null
}

export interface TaskStateReader {
  read(): Promise<TaskStates>
  close(): Promise<void>
}

interface HeldTask {
  pid: number
  tid: number
  /** null: could not be opened. */
  file: HeldFile | null
  /** Takes a descriptor between readings. */
  open: boolean
}

/**
 * /proc/PID/task/TID/patch_state of every thread: Documentation/livepatch/livepatch.rst, §3. Descriptors stay open
 * between readings, which costs a fortieth of opening them anew.
 */
export const createTaskStateReader = (fs: KernelFs): TaskStateReader => {
  const held = new Map<number, HeldTask>()
  let refusal: TaskStates['refusal'] = null
  let readings = 0
  /** With hidepid=2 others' processes do not exist; of process 1 it is known that it does: proc(5). */
  let hidden = false

  let openCount = 0
  let openMax = Number.POSITIVE_INFINITY

  const drop = async (tid: number) => {
    const task = held.get(tid)
    if (task?.open) openCount -= 1
    held.delete(tid)
    await task?.file?.close()
  }

  /** Tasks whose descriptors go are opened at each reading from then on. */
  const release = async () => {
    const released = [...held.values()].filter(({ open }) => open).slice(-DESCRIPTORS_RELEASED)
    for (const { pid, tid, file } of released) {
      await file?.close()
      held.set(tid, { pid, tid, file: openedEachTime(pid, tid), open: false })
    }
    openCount -= released.length
    openMax = openCount
  }

  const withDescriptor = async <T>(work: () => Promise<Result<T>>): Promise<Result<T>> => {
    const result = await work()
    if (result.ok || !OUT_OF_DESCRIPTORS.has(result.errno) || openCount === 0) return result
    await release()
    return work()
  }

  const openedEachTime = (pid: number, tid: number): HeldFile => ({
    read: () => withDescriptor(() => fs.read(patchStatePath(pid, tid))),
    close: async () => undefined,
  })

  const hold = async (pid: number, tid: number) => {
    if (openCount >= openMax) {
      held.set(tid, { pid, tid, file: openedEachTime(pid, tid), open: false })
      return
    }
    const path = patchStatePath(pid, tid)
    const file = await fs.hold(path)
    if (!file.ok && isAbsent(file)) return
    if (!file.ok && OUT_OF_DESCRIPTORS.has(file.errno)) {
      await release()
      held.set(tid, { pid, tid, file: openedEachTime(pid, tid), open: false })
      return
    }
    if (file.ok) openCount += 1
    else refusal ??= { path, errno: file.errno }
    held.set(tid, { pid, tid, file: file.ok ? file.value : null, open: file.ok })
  }

  const relist = async () => {
    const processes = await withDescriptor(() => fs.list('/proc'))
    if (!processes.ok) return
    const pids = numbers(processes.value)
    hidden = !pids.includes(1)
    const known = new Set([...held.values()].map(({ pid }) => pid))
    const all = readings % THREADS_RELISTED_EVERY === 0
    const seen = new Set<number>()
    for (const pid of pids) {
      if (!all && known.has(pid)) continue
      const threads = await withDescriptor(() => fs.list(`/proc/${pid}/task`))
      for (const tid of threads.ok ? numbers(threads.value) : []) {
        seen.add(tid)
        const before = held.get(tid)
        if (before !== undefined && before.pid !== pid) await drop(tid)
        if (!held.has(tid)) await hold(pid, tid)
      }
    }
    const alive = new Set(pids)
    for (const task of [...held.values()]) {
      if (!alive.has(task.pid) || (all && !seen.has(task.tid))) await drop(task.tid)
    }
  }

  return {
    async read() {
      if (openCount === 0) openMax = await descriptorsMax(fs)
      await relist()
      readings += 1
      const states: TaskStates = { total: 0, unreadable: 0, tasks: [], refusal: null }
      if (hidden) {
        states.total += 1
        states.unreadable += 1
        refusal ??= { path: '/proc/1', errno: 'ENOENT' }
      }
      for (const { pid, tid, file } of [...held.values()]) {
        const result = file === null ? null : await file.read()
        if (result !== null && !result.ok && isAbsent(result)) {
          await drop(tid) // it has ended
          continue
        }
        states.total += 1
        const patchState = result?.ok ? parsePatchState(result.value) : null
        if (result !== null && !result.ok) refusal ??= { path: patchStatePath(pid, tid), errno: result.errno }
        if (patchState === null) states.unreadable += 1
        else states.tasks.push({ pid, tid, patchState })
      }
      return { ...states, refusal }
    },
    async close() {
      for (const tid of [...held.keys()]) await drop(tid)
    },
  }
}

const patchStatePath = (pid: number, tid: number) => `/proc/${pid}/task/${tid}/patch_state`

/** How many tasks may be held, by this process' own soft limit: proc(5), /proc/PID/limits. */
const descriptorsMax = async (fs: KernelFs): Promise<number> => {
  const limits = await fs.read('/proc/self/limits')
  const soft = limits.ok ? /^Max open files\s+(\d{1,9})\s/m.exec(limits.value)?.[1] : undefined
  return soft === undefined ? Number.POSITIVE_INFINITY : Math.max(0, Number(soft) - DESCRIPTORS_RESERVED)
}

/** Names that are ids of processes or threads. */
export const numbers = (entries: readonly { name: string; directory: boolean }[]): number[] =>
  entries.filter(({ name, directory }) => directory && /^[1-9]\d{0,8}$/.test(name)).map(({ name }) => Number(name))

export const parsePatchState = (text: string): -1 | 0 | 1 | null => {
  const value = text.trim()
  return value === '-1' ? -1 : value === '0' ? 0 : value === '1' ? 1 : null
}
