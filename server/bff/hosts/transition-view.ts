import type { TransitionPhase, TransitionView } from '@rebootless/shared/contract/host-transition.ts'
import type { KernelEvent, PatchMemory } from '@rebootless/shared/contract/patch-memory.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import { explainBlockingTask } from '@rebootless/shared/domain/blocking-task.ts'
import { estimateTransition } from '@rebootless/shared/domain/transition-estimate.ts'
import { transitionSentence } from '@rebootless/shared/domain/transition-sentence.ts'
import type { SampleRow } from './queries.ts'

export interface TransitionFacts {
  /** What runs now; null: nothing does. */
  readonly running: TransitionSample | null
  /** Samples of the transition seen last, oldest first. */
  readonly samples: readonly SampleRow[]
  readonly memory: readonly PatchMemory[]
  readonly kernelEvents: readonly KernelEvent[]
  /** A time of the host's clock in ours. */
  readonly toServerTime: (hostTime: string) => string
}

/** The kernel's log and the agent's own clock date one start differently by less than this. */
const SLACK_MS = 2_000

const byTime = (left: TransitionPhase, right: TransitionPhase) => (left.at < right.at ? -1 : 1)

const phases = (
  begin: { startedAt: string; reversed: boolean; enabledAt: string | null },
  later: { signalledAt: string | null; forcedAt: string | null; completedAt: string | null },
  toServerTime: TransitionFacts['toServerTime'],
): TransitionPhase[] => {
  const all: [TransitionPhase['kind'], string | null][] = [
    ['loaded', begin.reversed ? begin.enabledAt : begin.startedAt],
    ['reversed', begin.reversed ? begin.startedAt : null],
    ['signalled', later.signalledAt],
    ['forced', later.forcedAt],
    ['completed', later.completedAt],
  ]
  return all.flatMap(([kind, at]) => (at === null ? [] : [{ kind, at: toServerTime(at) }])).sort(byTime)
}

const points = (samples: readonly SampleRow[], toServerTime: TransitionFacts['toServerTime']) =>
  samples.map((row) => ({
    at: toServerTime(row.sampled_at.toISOString()),
    total: row.tasks_total,
    remaining: row.tasks_remaining,
  }))

const runningView = (sample: TransitionSample, facts: TransitionFacts): TransitionView => {
  const { toServerTime } = facts
  const memory = facts.memory.find(({ name }) => name === sample.patch)
  const samples = points(facts.samples, toServerTime)
  return {
    patch: sample.patch,
    target: sample.target,
    startedAt: toServerTime(sample.startedAt),
    endedAt: null,
    stalled: sample.blockingTotal > 0,
    tasksTotal: sample.tasksTotal,
    tasksRemaining: sample.tasksRemaining,
    tasksUnreadable: sample.tasksUnreadable,
    samples,
    phases: phases(
      { startedAt: sample.startedAt, reversed: memory?.reversed ?? false, enabledAt: memory?.enabledAt ?? null },
      { signalledAt: sample.signalledAt, forcedAt: sample.forcedAt, completedAt: null },
      toServerTime,
    ),
    blocking: sample.blocking.map((task) => {
      const explained = explainBlockingTask(task, sample)
      return { ...explained, since: toServerTime(explained.since) }
    }),
    blockingTotal: sample.blockingTotal,
    estimate: estimateTransition({
      samples,
      blockingTotal: sample.blockingTotal,
      forced: sample.forcedAt !== null,
    }),
    sentence: transitionSentence(sample),
  }
}

/**
 * When a transition was over, by the kernel's log or the agent's memory. Another one, the other way, may have been over
 * just before it began: the log's order tells them apart where dates are too near.
 */
const endOf = ({ patch, target, startedAt }: Ended, facts: TransitionFacts): string | null => {
  const after = (at: string | null | undefined): at is string =>
    typeof at === 'string' && Date.parse(at) >= Date.parse(startedAt) - SLACK_MS
  const ofIt = facts.kernelEvents.filter((event) => event.patch === patch && event.direction === target)
  const near = ({ at }: KernelEvent) => Math.abs(Date.parse(at) - Date.parse(startedAt)) < SLACK_MS
  const started = ofIt.findLast((event) => event.kind === 'transition_started' && near(event))
  const logged = ofIt.find(
    ({ kind, at, sequence }) => kind === 'transition_completed' && after(at) && sequence > (started?.sequence ?? -1),
  )
  const memory = facts.memory.find(({ name }) => name === patch)
  const remembered = target === 'patching' ? memory?.completedAt : memory?.disabledAt
  return logged?.at ?? (after(remembered) ? remembered : null)
}

const took = (startedAt: string, endedAt: string): string => {
  const seconds = Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)) / 1000
  return seconds < 100 ? `${seconds.toFixed(1)} seconds` : `${Math.round(seconds / 60)} minutes`
}

interface Ended {
  readonly patch: string
  readonly target: TransitionView['target']
  readonly startedAt: string
  readonly samples: readonly SampleRow[]
}

const endedView = (ended: Ended, facts: TransitionFacts): TransitionView => {
  const { patch, target, startedAt, samples } = ended
  const { toServerTime } = facts
  const last = samples.at(-1)
  const completedAt = endOf(ended, facts)
  const endedAt = completedAt ?? last?.sampled_at.toISOString() ?? startedAt
  const memory = facts.memory.find(({ name }) => name === patch)
  const total = last?.tasks_total ?? 0
  const drawn = points(samples, toServerTime)
  // The kernel ends a transition only once every task counts as switched (klp_try_complete_transition).
  if (completedAt !== null && last !== undefined) drawn.push({ at: toServerTime(completedAt), total, remaining: 0 })
  const what = target === 'patching' ? 'is in effect' : 'is out'
  return {
    patch,
    target,
    startedAt: toServerTime(startedAt),
    endedAt: toServerTime(endedAt),
    stalled: false,
    tasksTotal: total,
    tasksRemaining: completedAt === null ? (last?.tasks_remaining ?? 0) : 0,
    tasksUnreadable: 0,
    samples: drawn,
    phases: phases(
      { startedAt, reversed: memory?.reversed ?? false, enabledAt: memory?.enabledAt ?? null },
      {
        signalledAt: last?.signalled_at?.toISOString() ?? null,
        forcedAt: last?.forced_at?.toISOString() ?? null,
        completedAt,
      },
      toServerTime,
    ),
    blocking: [],
    blockingTotal: 0,
    estimate: { tasksPerSecond: null, endsAt: null, condition: 'It is over.' },
    sentence:
      completedAt === null
        ? `The transition of ${patch} runs no more; how it ended was not seen.`
        : `${patch} ${what}: its transition took ${took(startedAt, completedAt)}.`,
  }
}

/** The transition that runs or, when none does, the last one: sampled, or so quick that only the kernel's log tells. */
export const transitionView = (facts: TransitionFacts): TransitionView | null => {
  if (facts.running !== null) return runningView(facts.running, facts)
  const last = facts.samples.at(-1)
  const logged = facts.kernelEvents.findLast(({ kind, patch }) => kind === 'transition_started' && patch !== null)
  const loggedLater =
    logged !== undefined &&
    (last === undefined || Date.parse(logged.at) > (facts.samples[0]?.sampled_at.getTime() ?? 0) + SLACK_MS)
  if (loggedLater && logged.patch !== null) {
    const target = logged.direction ?? 'patching'
    return endedView({ patch: logged.patch, target, startedAt: logged.at, samples: [] }, facts)
  }
  if (last === undefined) return null
  const startedAt = last.started_at.toISOString()
  return endedView({ patch: last.patch, target: last.target, startedAt, samples: facts.samples }, facts)
}
