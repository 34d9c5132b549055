import type { Task } from '../kernel/task.ts'
import { type Hold, holdingTask, RELEASED } from './holds.ts'
import type { Script, SimulatedHost } from './simulated-host.ts'

export function* until(host: SimulatedHost, seconds: number): Script {
  const left = seconds - host.nowUs / 1_000_000
  if (left > 0) yield left
}

/** Tasks rest while nobody looks; this one has to come into its function first. */
export function* startHolding(host: SimulatedHost, hold: Hold): Script<Task | null> {
  const { kernel } = host
  if (kernel === null) return null
  kernel.keepTasksRunning(true)
  const task = kernel.machine.spawn(holdingTask(hold))
  host.log(`${hold.comm} (${task.tid}) waits in ${hold.function} for ${hold.waitsFor}`)
  yield 0.5
  kernel.keepTasksRunning(false)
  return task
}

export const letGo = ({ kernel }: SimulatedHost, hold: Hold | null, task: Task | null): void => {
  if (kernel === null || hold === null || task === null) return
  if (hold.kind === 'killable' || hold.kind === 'interruptible') kernel.machine.kill(task, 'SIGKILL')
  else kernel.machine.signalEvent(RELEASED)
}

/** Off for so many seconds, and up again. */
export function* reboot(host: SimulatedHost, [from, to]: readonly [number, number]): Script {
  host.crash()
  yield host.random.integer(from, to)
  host.boot()
  yield 2
}

export const nameOf = ({ patch, plan }: SimulatedHost): string | null => plan.patches[patch ?? -1]?.image.name ?? null
