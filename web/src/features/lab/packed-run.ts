import type { LabActivity, LabRun, LabTask } from '@rebootless/server/sim/lab/lab-run.ts'

export const ACTIVITIES: readonly LabActivity[] = [
  ...(['user', 'kernel', 'runnable', 'asleep'] as const),
  ...(['asleep_in_function', 'frozen', 'stopped', 'gone'] as const),
]
const UNIVERSES = [null, 'old', 'new'] as const

/** A task, and where its stretches lie in those of all tasks: `count` from `first` on. */
export interface PackedTask {
  readonly tid: number
  readonly comm: string
  readonly kind: LabTask['kind']
  readonly first: number
  readonly count: number
}

/** A run as the page keeps it: all stretches in two arrays, which come from the worker without a copy. */
export interface PackedRun extends Omit<LabRun, 'tasks'> {
  readonly tasks: readonly PackedTask[]
  /** When each stretch begins, microseconds. */
  readonly fromUs: Uint32Array
  /** What each stretch is: activity and universe as one number. */
  readonly what: Uint8Array
}

const packWhat = (activity: LabActivity, universe: 'old' | 'new' | null): number =>
  ACTIVITIES.indexOf(activity) * UNIVERSES.length + UNIVERSES.indexOf(universe)

export const activityOf = (what: number): LabActivity => ACTIVITIES[Math.floor(what / UNIVERSES.length)] ?? 'gone'
export const universeOf = (what: number): 'old' | 'new' | null => UNIVERSES[what % UNIVERSES.length] ?? null

export const packRun = ({ tasks, ...rest }: LabRun): PackedRun => {
  const total = tasks.reduce((sum, { stretches }) => sum + stretches.length, 0)
  const fromUs = new Uint32Array(total)
  const what = new Uint8Array(total)
  let next = 0
  const packed = tasks.map(({ tid, comm, kind, stretches }) => {
    const first = next
    for (const stretch of stretches) {
      fromUs[next] = Math.max(0, stretch.fromUs)
      what[next] = packWhat(stretch.activity, stretch.universe)
      next += 1
    }
    return { tid, comm, kind, first, count: stretches.length }
  })
  return { ...rest, tasks: packed, fromUs, what }
}

/** The index of the stretch that a task is in; -1 before its first. */
export const stretchAt = ({ fromUs }: PackedRun, { first, count }: PackedTask, atUs: number): number => {
  let [low, high] = [first, first + count]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((fromUs[middle] ?? 0) <= atUs) low = middle + 1
    else high = middle
  }
  return low === first ? -1 : low - 1
}
