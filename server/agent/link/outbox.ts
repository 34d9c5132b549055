import type {
  CommandResult,
  Heartbeat,
  Hello,
  KernelReadingsMessage,
  SnapshotMessage,
  TaskLookMessage,
  TransitionMessage,
} from '@rebootless/shared/contract/agent-message.ts'
import type { KernelReadings } from '@rebootless/shared/contract/kernel-readings.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { TaskLook } from '@rebootless/shared/contract/task-look.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'

export type Kept = SnapshotMessage | TransitionMessage | KernelReadingsMessage | TaskLookMessage | CommandResult
export type ResultFacts = Omit<CommandResult, 'type' | 'epoch' | 'sequence' | 'sentAt'>
/** More than an agent's journal holds; beyond, the oldest goes, which the journal says again at the next start. */
const RESULTS_MAX = 512
export type HelloFacts = Omit<Hello, 'type' | 'epoch' | 'sequence' | 'sentAt'>

/**
 * What this run of the agent has to say, numbered. Of each kind only the latest is kept, until it is acknowledged: the
 * server's picture is of the present, so an older snapshot need never arrive; of results, the latest of each command. What is sent again keeps its number,
 * and so does nothing when the first copy had arrived after all.
 */
export const createOutbox = (firstEpoch: number, now: () => number) => {
  let epoch = firstEpoch
  let sequence = 0
  let latestSnapshot: SnapshotMessage | undefined
  let latestTransition: TransitionMessage | undefined
  let latestKernelReadings: KernelReadingsMessage | undefined
  const unacknowledged = new Map<string, Kept>()
  const stamp = () => {
    sequence += 1
    return { epoch, sequence, sentAt: new Date(now()).toISOString() }
  }
  const keep = <T extends Kept>(message: T): T => {
    unacknowledged.set(keyOf(message), message)
    return message
  }
  return {
    epoch: () => epoch,
    /** Goes on under a greater epoch: what is kept, acknowledged or not, is to be said again under it. */
    enterEpoch(greater: number): void {
      epoch = greater
      const results = [...unacknowledged.values()].filter((message) => message.type === 'result')
      unacknowledged.clear()
      for (const result of results) keep({ ...result, ...stamp() })
      if (latestTransition !== undefined) latestTransition = keep({ ...latestTransition, ...stamp() })
      if (latestKernelReadings !== undefined) latestKernelReadings = keep({ ...latestKernelReadings, ...stamp() })
      if (latestSnapshot !== undefined) latestSnapshot = keep({ ...latestSnapshot, ...stamp() })
    },
    hello: (facts: HelloFacts): Hello => ({ type: 'hello', ...stamp(), ...facts }),
    /** Undefined without a snapshot: there is nothing that could still be true. */
    heartbeat: (): Heartbeat | undefined =>
      latestSnapshot && { type: 'heartbeat', ...stamp(), snapshotHash: latestSnapshot.hash },
    snapshot(snapshot: Snapshot, hash: string): SnapshotMessage {
      latestSnapshot = { type: 'snapshot', ...stamp(), hash, snapshot }
      return keep(latestSnapshot)
    },
    transition(sample: TransitionSample | null): TransitionMessage {
      latestTransition = { type: 'transition', ...stamp(), sample }
      return keep(latestTransition)
    },
    kernelReadings(readings: KernelReadings): KernelReadingsMessage {
      latestKernelReadings = { type: 'kernel_readings', ...stamp(), readings }
      return keep(latestKernelReadings)
    },
    /** Of this moment only: under another epoch it is not said again. */
    taskLook: (look: TaskLook) => keep({ type: 'task_look', ...stamp(), look }),
    result(facts: ResultFacts): void {
      keep({ type: 'result', ...stamp(), ...facts })
      const results = [...unacknowledged].filter(([, { type }]) => type === 'result')
      for (const [key] of results.slice(0, -RESULTS_MAX)) unacknowledged.delete(key)
    },
    /** What was said last is no longer known to be true, and there is nothing to say instead. */
    withdrawSnapshot(): void {
      latestSnapshot = undefined
      unacknowledged.delete('snapshot')
    },
    /** The server lost, or never had, the latest snapshot: it goes out once more, under a new number. */
    offerSnapshotAgain(): void {
      if (latestSnapshot !== undefined) {
        latestSnapshot = { ...latestSnapshot, ...stamp() }
        keep(latestSnapshot)
      }
    },
    /** The message that the server has now, when it is the latest of its kind. */
    acknowledge(acknowledged: { epoch: number; sequence: number }): Kept | undefined {
      if (acknowledged.epoch !== epoch) return undefined
      for (const [key, message] of unacknowledged) {
        if (message.sequence !== acknowledged.sequence) continue
        unacknowledged.delete(key)
        return message
      }
      return undefined
    },
    /** Oldest first. */
    unacknowledged: (): Kept[] => [...unacknowledged.values()].sort((a, b) => a.sequence - b.sequence),
  }
}
const keyOf = (message: Kept): string => (message.type === 'result' ? `result ${message.commandId}` : message.type)

export type Outbox = ReturnType<typeof createOutbox>
