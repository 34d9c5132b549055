import * as z from 'zod'
import { LOOK_FUNCTIONS_MAX, SLEEPING_TOLD_MAX } from '../domain/agent-link.ts'
import { ErrnoName, hostText, Instant, KernelName } from './primitives.ts'
import { Sha256 } from './signed.ts'

const place = { object: KernelName, function: hostText(512) }

/** Who sleeps in these functions now? Of a module that is not loaded yet. */
export const TasksWanted = z.strictObject({
  /** SHA-256 of the module that has these functions. */
  id: Sha256,
  functions: z.array(z.strictObject(place)).min(1).max(LOOK_FUNCTIONS_MAX),
  /** It takes out all livepatches that are in: their code must be left too. */
  replace: z.boolean(),
  /** An answer that takes longer is not waited for: what was read by then is told. */
  withinMs: z.int().min(1000).max(60_000),
})
export type TasksWanted = z.infer<typeof TasksWanted>

/** A task that slept in one of the functions: the innermost of them on its stack. */
export const SleepingTask = z.strictObject({
  ...place,
  pid: z.int().min(0),
  tid: z.int().min(0),
  comm: hostText(64),
  kernelThread: z.boolean(),
  unit: hostText(256).nullable(), // systemd.unit(5)
  container: hostText(128).nullable(),
})
export type SleepingTask = z.infer<typeof SleepingTask>

/** One sweep over the stacks of all tasks. */
export const TaskLook = z.strictObject({
  id: Sha256,
  lookedAt: Instant,
  tasksTotal: z.int().min(0),
  /** Those whose stack was read: a running task's cannot be, and time may run out. */
  tasksRead: z.int().min(0),
  /** Of the first stack that was refused: no root, or a kernel that shows none. */
  errno: ErrnoName.nullable(),
  sleeping: z.array(SleepingTask).max(SLEEPING_TOLD_MAX),
  sleepingTotal: z.int().min(0),
  /** Function by function; the rest of more than so many is in `sleepingTotal` alone. */
  counts: z.array(z.strictObject({ ...place, tasks: z.int().min(1) })).max(SLEEPING_TOLD_MAX),
})
export type TaskLook = z.infer<typeof TaskLook>
