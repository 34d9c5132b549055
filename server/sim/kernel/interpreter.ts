import type { Machine } from './machine.ts'
import type { Step } from './program.ts'
import type { Frame, Task } from './task.ts'

/** A loop that takes no time would stand still for ever. */
const LOOP_US_MIN = 1

/** Runs a task on its CPU until it needs CPU time, sleeps, or has exited. */
export const advance = (machine: Machine, task: Task): void => {
  if (task.interrupted) leaveInterrupted(machine, task)
  task.remainingUs = 0
  let looped = false
  while (task.state === 'running' && task.remainingUs === 0) {
    const frame = task.frames.at(-1)
    const step = frame?.body[frame.next]
    if (frame === undefined) machine.exit(task)
    else if (step !== undefined) {
      frame.next += 1
      perform(machine, task, step)
    } else if (frame.kind === 'loop' && frame.rounds !== 0) {
      if (frame.rounds !== undefined) frame.rounds -= 1
      frame.next = 0
      if (looped) task.remainingUs = LOOP_US_MIN
      looped = true
    } else leave(machine, task, frame)
  }
}

const perform = (machine: Machine, task: Task, step: Step): void => {
  if (step.do === 'run') task.remainingUs = machine.spanOf(task, step.us)
  else if (step.do === 'sleep') machine.sleep(task, step)
  else if (step.do === 'call') call(machine, task, step)
  else if (step.do === 'system_call') enterKernel(machine, task, step)
  else if (step.do === 'safe_point') machine.hooks.safePoint?.(task)
  else if (step.do === 'cond_resched') machine.hooks.condResched?.(task)
  else if (step.do === 'fork') machine.spawn(step.child, { parent: task })
  else if (step.do === 'signal_event') machine.signalEvent(step.event)
  else if (step.do === 'exit') machine.exit(task)
  else {
    const rounds = step.times === undefined ? undefined : step.times - 1
    task.frames.push({ kind: 'loop', body: step.body, next: 0, rounds })
  }
}

const call = (machine: Machine, task: Task, { function: called, body }: Extract<Step, { do: 'call' }>): void => {
  const code = machine.hooks.redirect(task, called)
  machine.trace({ kind: 'called', tid: task.tid, function: code.function, patch: code.patch })
  const reached = machine.hooks.bodyOf(code, body)
  task.frames.push({ kind: 'call', body: reached, next: 0, call: { function: called, code } })
}

const enterKernel = (machine: Machine, task: Task, { name, body }: Extract<Step, { do: 'system_call' }>): void => {
  machine.trace({ kind: 'entered_kernel', tid: task.tid, systemCall: name })
  task.frames.push({ kind: 'system_call', body, next: 0, systemCall: name })
  machine.hooks.kernelEntry?.(task)
}

/** The end of a body: a function returns, a system call goes back to user mode. */
const leave = (machine: Machine, task: Task, frame: Frame): void => {
  if (frame.kind === 'system_call') leaveKernel(machine, task, frame)
  else unwind(machine, task, task.frames.length - 1)
}

const leaveKernel = (machine: Machine, task: Task, frame: Frame): void => {
  machine.hooks.kernelExit?.(task)
  if (task.dying !== null) machine.exit(task)
  // Where the freezer holds it, the task is still on its way out of the kernel.
  else if (task.parkedBy !== null) machine.sleep(task, { kind: 'uninterruptible', event: task.parkedBy })
  else {
    task.frames.pop()
    machine.trace({ kind: 'left_kernel', tid: task.tid, systemCall: frame.systemCall ?? '' })
  }
}

/** A signal ended a sleep: all functions return, the task passes the way out, and the system call starts anew. */
const leaveInterrupted = (machine: Machine, task: Task): void => {
  task.interrupted = false
  const at = task.frames.findIndex(({ kind }) => kind === 'system_call')
  const [below, frame] = [task.frames[at - 1], task.frames[at]]
  if (below && frame) {
    unwind(machine, task, at + 1)
    below.next -= 1
    frame.next = frame.body.length
  } else if (task.dying !== null) machine.exit(task)
}

/** Takes off frames until so many are left. */
export const unwind = (machine: Machine, task: Task, left: number): void => {
  while (task.frames.length > left) {
    const frame = task.frames.pop()
    if (frame?.call === undefined) continue
    const { function: key, patch } = frame.call.code
    machine.trace({ kind: 'returned', tid: task.tid, function: key, patch })
  }
}
