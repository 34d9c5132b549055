import type { TaskLook, TasksWanted } from '@rebootless/shared/contract/task-look.ts'
import type { StackFrame } from '@rebootless/shared/contract/transition.ts'
import { SLEEPING_TOLD_MAX } from '@rebootless/shared/domain/agent-link.ts'
import type { Clock } from '../clock.ts'
import type { KernelFs } from '../kernel/kernel-fs.ts'
import { isAbsent, startReading } from '../kernel/reading.ts'
import { readTaskDetails } from '../kernel/task-details.ts'
import { type HoldingCode, parseTaskStack } from '../kernel/task-stack.ts'
import { parseTaskStat } from '../kernel/task-stat.ts'
import { numbers } from '../kernel/task-states.ts'

const TASKS_MAX = 20_000
/** So many tasks, or so long, at a stretch; then it waits, so that it takes a tenth of one processor. */
const SLICE_TASKS = 64
const SLICE_MS = 10
const PAUSE_PER_WORK = 9

export interface LookOptions {
  readonly fs: KernelFs
  readonly clock: Clock
  /** As `uname -m` prints it. */
  readonly architecture: string
  readonly wanted: TasksWanted
  readonly holding: HoldingCode
  /** Asked between slices: it ends early, with what it has, when a transition begins. */
  mayGoOn(): boolean
}

/**
 * One sweep over the stacks of all sleeping tasks. What a running task's file shows is no stack that could be trusted
 * (fs/proc/base.c, proc_pid_stack; kernel/stacktrace.c), so those count as not read.
 */
export const lookForTasks = async (options: LookOptions): Promise<TaskLook> => {
  const { fs, clock, wanted, holding } = options
  const nowMs = () => clock.monotonicMicroseconds() / 1_000
  const lookedAt = new Date(clock.now()).toISOString()
  const endsAt = nowMs() + wanted.withinMs
  const notes = startReading(fs)
  const counts = new Map<string, TaskLook['counts'][number]>()
  const sleeping: TaskLook['sleeping'] = []
  let errno: string | null = null
  let listed = 0
  let tasksRead = 0
  let sleepingTotal = 0

  const look = async (pid: number, tid: number): Promise<void> => {
    const file = `/proc/${pid}/task/${tid}`
    const stat = await fs.read(`${file}/stat`)
    if (!stat.ok && isAbsent(stat)) return // it has ended
    listed += 1
    if (stat.ok && parseTaskStat(stat.value)?.state === 'R') return
    const stack = await fs.read(`${file}/stack`)
    if (!stack.ok) {
      errno ??= stack.errno
      return
    }
    tasksRead += 1
    if (heldPlace(parseTaskStack(stack.value, holding)) === undefined) return
    const task = await readTaskDetails(notes, { pid, tid }, options.architecture, holding, lookedAt)
    const place = heldPlace(task?.stack ?? null)
    if (task === null || place === undefined) return // it went on meanwhile
    const { comm, kernelThread, unit, container } = task
    sleepingTotal += 1
    const key = `${place.object} ${place.function}`
    const counted = counts.get(key)
    if (counted !== undefined) counted.tasks += 1
    else if (counts.size < SLEEPING_TOLD_MAX) counts.set(key, { ...place, tasks: 1 })
    if (sleeping.length < SLEEPING_TOLD_MAX) sleeping.push({ ...place, pid, tid, comm, kernelThread, unit, container })
  }

  let sliceAt = nowMs()
  let inSlice = 0
  /** False: it is over. */
  const paced = async (): Promise<boolean> => {
    inSlice += 1
    const took = nowMs() - sliceAt
    if (inSlice >= SLICE_TASKS || took >= SLICE_MS) {
      await clock.sleep(Math.max(1, took * PAUSE_PER_WORK))
      sliceAt = nowMs()
      inSlice = 0
    }
    return listed < TASKS_MAX && nowMs() < endsAt && options.mayGoOn()
  }

  const sweep = async (): Promise<void> => {
    const processes = await fs.list('/proc')
    for (const pid of processes.ok ? numbers(processes.value) : []) {
      if (!(await paced())) return
      const threads = await fs.list(`/proc/${pid}/task`)
      for (const tid of threads.ok ? numbers(threads.value) : []) {
        if (!(await paced())) return
        await look(pid, tid)
      }
    }
  }

  await sweep()
  return {
    ...{ id: wanted.id, lookedAt, tasksTotal: Math.max(listed, await tasksOfKernel(fs)), tasksRead, errno },
    ...{ sleeping, sleepingTotal, counts: [...counts.values()] },
  }
}

const heldPlace = (stack: readonly StackFrame[] | null) => {
  const frame = stack?.find(({ held }) => held)
  return frame && { object: frame.module ?? 'vmlinux', function: frame.function }
}

/** /proc/loadavg, `… RUNNABLE/TASKS …`: proc(5). Also those that hidepid hides, or that it did not come to. */
const tasksOfKernel = async (fs: KernelFs): Promise<number> => {
  const text = await fs.read('/proc/loadavg')
  return Number((text.ok && /\s\d{1,9}\/(\d{1,9})\s/.exec(text.value)?.[1]) || 0)
}
