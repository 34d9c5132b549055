import type { RolloutPlan } from '../../contract/rollout-plan.ts'
import type {
  GateReading,
  HostProgress,
  RolloutAct,
  RolloutDecision,
  RolloutFit,
  RolloutHead,
  RolloutOrder,
  RolloutOrderResult,
  RolloutReading,
} from '../../contract/rollouts-api.ts'
import type { Effect, HostStage } from './rollout-words.ts'

/** Hosts in the order in which they go: by wave, then by their place in it. Rows that a step did not change are the same objects. */
export interface RolloutState extends RolloutHead {
  readonly hosts: ReadonlyMap<string, HostProgress>
}

/** A host that the plan's filter found. */
export interface RolloutHost {
  readonly id: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly fit: RolloutFit
}

export interface RolloutInput {
  /** Milliseconds since 1970, by the database's clock, so that all leaders have one. Step at least once a minute. */
  readonly now: number
  /** All changes of the fleet are frozen: nothing is told, not even to undo. */
  readonly frozen: boolean
  /** Why the plan may not go, or go on, in a sentence: approvals that are missing, or were lost. Null: it may. */
  readonly approvalMissing: string | null
  /** What is new, or all; late ones and repeats change nothing. */
  readonly readings: readonly RolloutReading[]
  readonly results: readonly RolloutOrderResult[]
  /** Of gates that are read outside (pressure, prometheus, http). */
  readonly gates: readonly { readonly wave: number; readonly gate: number; readonly reading: GateReading }[]
  readonly acts: readonly { readonly by: string; readonly act: RolloutAct }[]
  /** Hosts that match the plan's filter, and are not among its hosts. */
  readonly newcomers: readonly RolloutHost[]
}

/**
 * What is to be committed together: the state, the orders into the outbox, the decisions into the log. What is not committed is lost,
 * and the next step, from what was, comes to the same.
 */
export interface RolloutStep {
  readonly state: RolloutState
  readonly orders: readonly RolloutOrder[]
  readonly decisions: readonly RolloutDecision[]
}

/** How long an order is good, at the most: the outbox makes a new command of it while it is. */
export const ORDER_MS = 15 * 60 * 1000
/** How long the kernel may take to show what the host's agent said, and how wrong a host's clock may be (T21). */
export const GRACE_MS = 10 * 60 * 1000
/** A host that lets so many orders run out will not take the next one either. */
export const EXPIRIES_MAX = 5
export const RETRIES_MAX = 3

const ACTIVE: ReadonlySet<HostStage> = new Set(['told', 'changing', 'stalled', 'vanished', 'undoing'])
export const isGoing = (effect: Effect | undefined): boolean => effect === 'going in' || effect === 'going out'

/** The host may still begin, or has begun and not said how it ended. */
export const isOpen = ({ order, outcome }: Pick<HostProgress, 'order' | 'outcome'>): boolean =>
  order !== null && (outcome === null || outcome === 'started')

/**
 * Whether it takes one of the places of the limits. A vanished host does: nobody knows that it is not in the middle of its
 * change, or down by it. So does one that failed while its transition runs or its order may still be followed. One that
 * could not be undone and is not heard does not: undoing the others is more urgent than what it might be at.
 */
export const isInChange = (host: HostProgress): boolean => {
  if (ACTIVE.has(host.stage)) return true
  const mayChange = isGoing(host.reading?.effect) || isOpen(host)
  return mayChange && (host.stage === 'failed' || (host.stage === 'undo failed' && host.unheardWatched === null))
}

const UNSETTLED: ReadonlySet<HostStage> = new Set(['waiting', 'told', 'changing', 'stalled', 'undoing'])
export const isSettled = ({ stage }: Pick<HostProgress, 'stage'>): boolean => !UNSETTLED.has(stage)

const FAILING: ReadonlySet<HostStage> = new Set(['failed', 'refused', 'vanished', 'undo failed'])
export const isFailing = ({ stage, forgiven }: HostProgress): boolean => FAILING.has(stage) && !forgiven

/** It may still begin. */
export const mayBegin = ({ order, outcome }: HostProgress): boolean => order !== null && outcome === null

export const goalOf = (plan: RolloutPlan): Effect => (plan.change.kind === 'disable' ? 'out' : 'in')
export const startOf = (plan: RolloutPlan): Effect => (plan.change.kind === 'disable' ? 'in' : 'out')
export const gatesOf = (plan: RolloutPlan, wave: number) => plan.waves[wave]?.gates ?? plan.gates
/** Whether an incident is a failure of the host: the kernel is the canary where a gate looks at its log. */
export const watchesKernelLog = (plan: RolloutPlan, wave: number | null): boolean =>
  wave !== null && gatesOf(plan, wave).some(({ kind }) => kind === 'kernel log')

export const ENDED: ReadonlySet<RolloutState['phase']> = new Set(['done', 'aborted', 'reversed', 'reversed in part'])

/** Why nothing more can be done to it; null: it is not over. */
export const overRefusal = (phase: RolloutState['phase']): string | null =>
  ENDED.has(phase) ? `The rollout is over: ${phase}.` : null
