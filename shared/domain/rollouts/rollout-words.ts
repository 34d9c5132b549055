/** The closed lists of words of a rollout. Plain data, as in ../words.ts, so that a browser needs no schema library. */

import { KERNEL_INCIDENT_KINDS } from '../kernel-incidents.ts'

export const ROLLOUT_PHASES = [
  'draft',
  'awaiting approval',
  'running',
  'paused',
  'reversing',
  'done',
  'aborted',
  'reversed',
  /** Some hosts could not be undone, or it was asked for some waves only. */
  'reversed in part',
] as const
export type RolloutPhase = (typeof ROLLOUT_PHASES)[number]

/** `going`: hosts are told; `soaking`: all have settled; `at its gate`: the soak is over, and a gate is shut. */
export const WAVE_STAGES = ['not begun', 'going', 'soaking', 'at its gate', 'done'] as const
export type WaveStage = (typeof WAVE_STAGES)[number]

/**
 * What one host of a rollout is at. `told`: an order is out, and the kernel shows nothing of it yet; `changing`: its
 * transition runs; `vanished`: not heard while in change; `due for a boot`: the fix waits for one.
 */
export const HOST_STAGES = [
  'waiting',
  'told',
  'changing',
  'stalled',
  'done',
  'failed',
  'refused',
  'vanished',
  'due for a boot',
  'left out',
  'undoing',
  'undone',
  'undo failed',
] as const
export type HostStage = (typeof HOST_STAGES)[number]

/** What the driver may be told to have done. `reversal` takes out again what a load put in, as was approved with it. */
export const ORDER_ACTIONS = ['load', 'enable', 'disable', 'update', 'retry', 'reverse', 'reversal'] as const
export type OrderAction = (typeof ORDER_ACTIONS)[number]

/** What became of an order, as the outbox knows it; `started`: the host has it in its journal. */
export const ORDER_RESULTS = ['started', 'done', 'refused', 'failed', 'expired', 'cancelled', 'unknown'] as const
export type OrderResultState = (typeof ORDER_RESULTS)[number]

/** What the change is about, in a kernel: the livepatch, or the level that a vendor's tool says. */
export const EFFECTS = ['in', 'going in', 'going out', 'out', 'unknown'] as const
export type Effect = (typeof EFFECTS)[number]

/** `taint`: a new letter in /proc/sys/kernel/tainted that no record of the log explains. */
export const INCIDENT_KINDS = [...KERNEL_INCIDENT_KINDS, 'taint'] as const

export const ROLLOUT_ACTS = [
  'start',
  'pause',
  'resume',
  'promote',
  'abort',
  'reverse',
  'exclude',
  'approve gate',
] as const

export const DECISION_KINDS = [
  'awaiting approval',
  'started',
  'wave begun',
  'wave settled',
  'gate shut',
  'wave done',
  'promoted',
  'gate approved',
  'paused',
  'paused by itself',
  'resumed',
  'aborted',
  'reversing',
  'reversing by itself',
  'wave undone',
  'reversed',
  'reversed in part',
  'done',
  'stalled',
  'failed',
  'vanished',
  'left out',
  'joined',
  'clock jumped',
  'act refused',
] as const
export type DecisionKind = (typeof DECISION_KINDS)[number]
