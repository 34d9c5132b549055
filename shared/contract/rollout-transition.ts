import * as z from 'zod'
import { HostId, hostText, Instant } from './primitives.ts'
import { BlockingTask, TransitionTarget } from './transition.ts'

export const RolloutTransitionQuery = z.strictObject({
  /** From 0; left out: all waves. */
  wave: z.coerce.number().int().min(0).max(99).optional(),
})

const Count = z.int().min(0)

/** When the hosts that are left are through, as far as anybody can say: shared/domain/rollouts/wave-estimate.ts. */
export const WaveEstimate = z.strictObject({
  /** Both null: no estimate. */
  earliest: Instant.nullable(),
  latest: Instant.nullable(),
  /** Hosts that it speaks of. */
  hosts: Count,
  /** Hosts that are not through either, and of which nobody can say when. */
  unknownHosts: Count,
  /** On what it rests, or why there is none. */
  condition: z.string().max(600),
})
export type WaveEstimate = z.infer<typeof WaveEstimate>

/** Tasks of several hosts that wait for the same: one process name, one unit, one stack of functions. */
export const BlockingGroup = BlockingTask.pick({
  kernelThread: true,
  wchan: true,
  stack: true,
  unit: true,
  heldFunction: true,
  reason: true,
  explanation: true,
  advice: true,
}).extend({
  /** The same for the same name, unit, way of sleeping and functions of the stack, whatever their offsets. */
  key: z.string().max(16),
  /** Process name; of kernel threads, of which each CPU has one, the beginning that they share: `kworker/`. */
  comm: hostText(64),
  isFamily: z.boolean(),
  hostCount: Count,
  taskCount: Count,
  /** Since when the one waits that waits longest. */
  since: Instant,
  /** Some of the hosts, by how long they wait. */
  hosts: z.array(z.strictObject({ id: HostId, name: hostText(255), since: Instant })).max(8),
  /** Finds such hosts in the whole fleet. */
  filter: z.string().max(2000),
})
export type BlockingGroup = z.infer<typeof BlockingGroup>

/** The transitions of all hosts of a wave as one. */
export const WaveTransition = z.strictObject({
  /** Which way they run, or ran: a rollout that is undone runs the other way. */
  target: TransitionTarget,
  hosts: z.strictObject({
    total: Count,
    /** To be told, or told and nothing is seen yet. */
    waiting: Count,
    /** A transition runs; the stalled are among them, and those not heard now. */
    inTransition: Count,
    stalled: Count,
    notHeard: Count,
    done: Count,
    /** Failed, refused, vanished, left out. */
    others: Count,
  }),
  /** Of the transitions that run now. */
  tasks: z.strictObject({ total: Count, left: Count }),
  /** Oldest first, evenly spaced, from when the wave began; none: no transition of it has been seen. */
  points: z.array(z.strictObject({ at: Instant, tasksLeft: Count, hostsInTransition: Count })).max(130),
  /** Null: too little was seen. */
  tasksPerSecond: z.number().nullable(),
  hostsPerMinute: z.number().nullable(),
  estimate: WaveEstimate,
  sentence: z.string().max(600),
  /** Most hosts first. */
  blocking: z.array(BlockingGroup).max(50),
  blockingGroupTotal: Count,
  /** How many stalled hosts the groups are made of: those that wait longest, where there are very many. */
  stalledHostsRead: Count,
  asOf: Instant,
})
export type WaveTransition = z.infer<typeof WaveTransition>
