import type { BlockingTask } from '@rebootless/shared/contract/transition.ts'
import { visibleText } from './host-text.tsx'

export const REASON_WORDS: Readonly<Record<BlockingTask['reason'], string>> = {
  killable_sleep: 'Killable sleep: only a fatal signal wakes it',
  uninterruptible_sleep: 'Uninterruptible sleep: no signal wakes it',
  interruptible_sleep: 'Interruptible sleep: the next signal wakes it',
  kernel_thread: 'Kernel thread: it takes no signals',
  running: 'It runs, inside the patched function',
  stopped: 'It is stopped, and stays so until continued',
  unknown: 'Its stack could not be read',
}

/** proc(5), the third field of stat. */
const STATE_WORDS: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'interruptible sleep',
  D: 'disk sleep, killable or not',
  I: 'idle kernel thread',
  T: 'stopped',
  t: 'stopped by a tracer',
  Z: 'zombie',
  X: 'dead',
}

export const taskStateWord = (state: string | null): string =>
  state === null ? 'state not read' : (STATE_WORDS[state] ?? visibleText(`state ${state}`))

export const ADVICE_WORDS = {
  wait: 'Wait',
  restart_unit: 'Restart its unit',
  kill: 'Kill the task',
  signal: 'Send the signal now',
  reverse: 'Reverse the transition',
  force: 'Force the transition',
} as const

/** Where a task belongs: its unit, its container, or that it is the kernel's own. */
export const homeOf = (task: BlockingTask): string =>
  task.kernelThread ? 'kernel thread' : (task.unit ?? task.container ?? 'no unit')
