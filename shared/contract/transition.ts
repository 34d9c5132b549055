import * as z from 'zod'
import { hostText, Instant, KernelName } from './primitives.ts'

/** A line of /proc/PID/task/TID/stack. */
export const StackFrame = z.strictObject({
  function: hostText(512),
  offset: hostText(32).nullable(), // `0x8d/0xe0`
  module: KernelName.nullable(),
  /** This function is replaced by the patch in transition: it is what holds the task. */
  held: z.boolean(),
})
export type StackFrame = z.infer<typeof StackFrame>

/** Why a task does not switch; the sentence is made from it by shared/domain. */
export const BLOCKING_REASONS = [
  'killable_sleep',
  'uninterruptible_sleep',
  'interruptible_sleep',
  'kernel_thread',
  'running',
  'stopped',
  'unknown',
] as const

export const ADVICE_ACTIONS = ['wait', 'restart_unit', 'kill', 'signal', 'reverse', 'force'] as const

export const Advice = z.strictObject({
  action: z.enum(ADVICE_ACTIONS),
  recommended: z.boolean(),
  /** False: it stays listed, greyed, with `text` saying why it cannot help. */
  possible: z.boolean(),
  text: z.string().max(500),
})
export type Advice = z.infer<typeof Advice>

/** What was read of a task that has not switched, two kernel retries later. */
export const BlockingTaskFacts = z.strictObject({
  pid: z.int().min(0),
  tid: z.int().min(0),
  comm: hostText(64),
  kernelThread: z.boolean(),
  state: hostText(1).nullable(), // proc(5), field 3 of stat
  wchan: hostText(512).nullable(),
  /** Name of the system call it is in, by its machine's own table; the number as text where the table lacks it. */
  systemCall: hostText(64).nullable(),
  stack: z.array(StackFrame).max(128).nullable(),
  cgroup: hostText(1024).nullable(),
  unit: hostText(256).nullable(), // systemd.unit(5)
  container: hostText(128).nullable(),
  /** Since when it has been seen on the wrong side. */
  since: Instant,
})
export type BlockingTaskFacts = z.infer<typeof BlockingTaskFacts>

export const BlockingTask = BlockingTaskFacts.extend({
  heldFunction: hostText(512).nullable(),
  reason: z.enum(BLOCKING_REASONS),
  /** In plain words, for a person at three in the morning. */
  explanation: z.string().max(2000),
  advice: z.array(Advice).max(8),
})
export type BlockingTask = z.infer<typeof BlockingTask>

/** Which way a transition runs: the patch goes in, or out. */
export const TransitionTarget = z.enum(['patching', 'unpatching'])
export type TransitionTarget = z.infer<typeof TransitionTarget>

/** One reading of all tasks' patch_state while a transition runs. */
export const TransitionSample = z.strictObject({
  patch: KernelName,
  target: TransitionTarget,
  startedAt: Instant,
  sampledAt: Instant,
  tasksTotal: z.int().min(0),
  /** Tasks whose patch_state is not yet the target; not all of them block: most are only late. */
  tasksRemaining: z.int().min(0),
  signalledAt: Instant.nullable(),
  forcedAt: Instant.nullable(),
  /** All that block, up to the limit; `blockingTotal` says how many there are. */
  blocking: z.array(BlockingTaskFacts).max(64),
  blockingTotal: z.int().min(0),
  /** Tasks whose patch_state could not be read (no root, hidepid). */
  tasksUnreadable: z.int().min(0),
})
export type TransitionSample = z.infer<typeof TransitionSample>
