import type { Livepatch } from '@rebootless/shared/contract/kernel.ts'
import type { PatchMemory } from '@rebootless/shared/contract/patch-memory.ts'
import type { BlockingTaskFacts, TransitionSample } from '@rebootless/shared/contract/transition.ts'
import {
  type BlockingWatch,
  blockingTids,
  decidedAfterMs,
  observeTasks,
  watchFrom,
} from '@rebootless/shared/domain/blocking-rule.ts'
import type { Clock } from '../clock.ts'
import type { KernelFs } from '../kernel/kernel-fs.ts'
import { type KernelReading, noteUnreadable } from '../kernel/reading.ts'
import { readTaskDetails } from '../kernel/task-details.ts'
import type { HoldingCode } from '../kernel/task-stack.ts'
import { createTaskStateReader, type TaskStates } from '../kernel/task-states.ts'

const BLOCKING_DETAILED_MAX = 64

export interface SampledTransition {
  patch: Livepatch
  target: 'patching' | 'unpatching'
  memory: PatchMemory | null
  holding: HoldingCode
}

export interface TransitionSampler {
  /** One reading of all tasks. Refusals go to `notes`. */
  sample(transition: SampledTransition, notes: KernelReading): Promise<TransitionSample>
  /** Milliseconds until a task can first be called blocking; 0 once that has passed. */
  undecidedMs(): number
  /** When the transition is over: lets go of all descriptors. */
  end(): Promise<void>
}

/** Follows the tasks of one transition after another; descriptors are held only while one runs. */
export const createTransitionSampler = (fs: KernelFs, clock: Clock, architecture: string): TransitionSampler => {
  const states = createTaskStateReader(fs)
  const monotonicMs = () => clock.monotonicMicroseconds() / 1_000
  let watch: BlockingWatch | null = null
  let watched = ''
  let finishing = false
  /** Date minus monotonic, taken once, so that one moment has one date. */
  let dateOffsetMs = 0

  const begin = ({ patch, target, memory }: SampledTransition): BlockingWatch => {
    const startedAt = memory?.transitionStartedAt ?? null
    const key = `${patch.name} ${target} ${startedAt}`
    if (watch === null || watched !== key) {
      // The date was made from the kernel's own clock, and is turned back into it once: later steps of the date do no harm.
      const ageMs = startedAt === null ? 0 : Math.max(0, clock.now() - Date.parse(startedAt))
      watch = watchFrom(monotonicMs() - ageMs)
      watched = key
      dateOffsetMs = clock.now() - monotonicMs()
      finishing = false
    }
    return watch
  }

  const wrongTasks = ({ tasks }: TaskStates, target: SampledTransition['target']) => {
    const wanted = target === 'patching' ? 1 : 0
    const wrong = tasks.filter(({ patchState }) => patchState === 1 - wanted)
    // -1 is "not yet" at the start, and "no more" once all have switched: livepatch.rst, §3.
    const done = finishing || (wrong.length === 0 && tasks.some(({ patchState }) => patchState === wanted))
    if (done) finishing = true
    return done ? wrong : tasks.filter(({ patchState }) => patchState !== wanted)
  }

  const details = async (
    tids: ReadonlySet<number>,
    tasks: TaskStates['tasks'],
    transition: SampledTransition,
    notes: KernelReading,
  ) => {
    const found: BlockingTaskFacts[] = []
    for (const task of tasks) {
      if (!tids.has(task.tid) || found.length >= BLOCKING_DETAILED_MAX) continue
      const sinceMs = watch?.wrongSince.get(task.tid) ?? monotonicMs()
      const since = new Date(sinceMs + dateOffsetMs).toISOString()
      const facts = await readTaskDetails(notes, task, architecture, transition.holding, since)
      if (facts !== null) found.push(facts)
    }
    return found
  }

  return {
    async sample(transition, notes) {
      const before = begin(transition)
      const startedAtMs = monotonicMs()
      const reading = await states.read()
      const wrong = wrongTasks(reading, transition.target)
      // A task that was never given a side is only late.
      const sided = wrong.filter(({ patchState }) => patchState !== -1).map(({ tid }) => tid)
      watch = observeTasks(before, { startedAtMs, endedAtMs: monotonicMs(), wrong: sided, total: reading.total })
      const blockingIds = new Set(blockingTids(watch, startedAtMs))
      const { refusal } = reading
      if (refusal !== null)
        noteUnreadable(notes, refusal.path, refusal.errno, 'without root it is not visible which tasks have switched')
      return {
        patch: transition.patch.name,
        target: transition.target,
        startedAt: transition.memory?.transitionStartedAt ?? new Date(clock.now()).toISOString(),
        sampledAt: new Date(clock.now()).toISOString(),
        tasksTotal: reading.total,
        tasksRemaining: wrong.length,
        signalledAt: transition.memory?.signalledAt ?? null,
        forcedAt: forcedDuring(transition.memory),
        blocking: await details(blockingIds, wrong, transition, notes),
        blockingTotal: blockingIds.size,
        tasksUnreadable: reading.unreadable,
      }
    },
    undecidedMs: () => (watch === null ? 0 : Math.max(0, watch.startedAtMs + decidedAfterMs(watch) - monotonicMs())),
    async end() {
      watch = null
      watched = ''
      await states.close()
    },
  }
}

/** A force before this transition's start belongs to an earlier one. */
const forcedDuring = (memory: PatchMemory | null): string | null =>
  memory?.forcedAt != null && memory.transitionStartedAt !== null && memory.forcedAt >= memory.transitionStartedAt
    ? memory.forcedAt
    : null
