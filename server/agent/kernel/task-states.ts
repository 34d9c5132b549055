import type { HeldFile, KernelFs } from './kernel-fs.ts'
import { isAbsent } from './reading.ts'

/** Threads come and go; the processes are listed at each reading, the threads of known ones only so often. */
const THREADS_RELISTED_EVERY = 4

/** A host may have more threads than the agent may have descriptors: getrlimit(2), RLIMIT_NOFILE. */
const OUT_OF_DESCRIPTORS: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE'])

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

  const drop = async (tid: number) => {
    await held.get(tid)?.file?.close()
    held.delete(tid)
  }

  const hold = async (pid: number, tid: number) => {
    const path = `/proc/${pid}/task/${tid}/patch_state`
    const file = await fs.hold(path)
    if (!file.ok && isAbsent(file)) return
    if (!file.ok && OUT_OF_DESCRIPTORS.has(file.errno)) {
      held.set(tid, { pid, tid, file: openedEachTime(fs, path) })
      return
    }
    if (!file.ok) refusal ??= { path, errno: file.errno }
    held.set(tid, { pid, tid, file: file.ok ? file.value : null })
  }

  const relist = async () => {
    const processes = await fs.list('/proc')
    if (!processes.ok) return
    const pids = numbers(processes.value)
    hidden = !pids.includes(1)
    const known = new Set([...held.values()].map(({ pid }) => pid))
    const all = readings % THREADS_RELISTED_EVERY === 0
    const seen = new Set<number>()
    for (const pid of pids) {
      if (!all && known.has(pid)) continue
      const threads = await fs.list(`/proc/${pid}/task`)
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
        if (result !== null && !result.ok)
          refusal ??= { path: `/proc/${pid}/task/${tid}/patch_state`, errno: result.errno }
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

const openedEachTime = (fs: KernelFs, path: string): HeldFile => ({
  read: () => fs.read(path),
  close: async () => undefined,
})

const numbers = (entries: readonly { name: string; directory: boolean }[]): number[] =>
  entries.filter(({ name, directory }) => directory && /^[1-9]\d{0,8}$/.test(name)).map(({ name }) => Number(name))

export const parsePatchState = (text: string): -1 | 0 | 1 | null => {
  const value = text.trim()
  return value === '-1' ? -1 : value === '0' ? 0 : value === '1' ? 1 : null
}
