import type { RolloutAct, RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import type { HostStage } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { hostsOf } from '../counts-bar.tsx'

type ActKind = RolloutAct['kind']

/** What somebody is about to do. Hosts and gates are chosen where they stand. */
export type ChosenAct =
  | { readonly kind: Exclude<ActKind, 'exclude' | 'approve gate'> }
  | { readonly kind: 'exclude'; readonly hosts: readonly { readonly id: string; readonly name: string }[] }
  | { readonly kind: 'approve gate'; readonly wave: number; readonly gate: number }

/** As many as one act takes. */
export const EXCLUDED_MAX = 1000

export const ACT_WORDS: Readonly<Record<ActKind, string>> = {
  start: 'Start',
  pause: 'Pause',
  resume: 'Resume',
  promote: 'Promote',
  abort: 'Abort',
  reverse: 'Reverse',
  exclude: 'Leave hosts out',
  'approve gate': 'Approve the gate',
}

/** In the head of the page. */
export const HEAD_ACTS = ['start', 'pause', 'resume', 'promote', 'abort', 'reverse'] as const

/** Hosts to which something was done, or may have been. */
const TOUCHED: readonly HostStage[] = [
  ...(['told', 'changing', 'stalled', 'done', 'failed', 'vanished', 'undoing', 'undo failed'] as const),
]

/** How many hosts an undoing from this wave on is about, at most. */
export const touchedFrom = ({ waves }: Pick<RolloutDetail, 'waves'>, fromWave: number): number =>
  waves
    .slice(fromWave)
    .reduce((sum, { counts }) => sum + TOUCHED.reduce((some, stage) => some + (counts[stage] ?? 0), 0), 0)

/** Hosts that the rollout goes over. */
export const goingHosts = ({ waves }: Pick<RolloutDetail, 'waves'>): number =>
  waves.reduce((sum, { counts }) => sum + hostsOf(counts), 0)
