import type { RolloutAct, RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
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

/** How many hosts an undoing from this wave on touches. */
export const touchedFrom = ({ waves }: Pick<RolloutDetail, 'waves'>, fromWave: number): number =>
  waves.slice(fromWave).reduce((sum, { toUndo }) => sum + toUndo, 0)

/** Hosts that the rollout goes over. */
export const goingHosts = ({ waves }: Pick<RolloutDetail, 'waves'>): number =>
  waves.reduce((sum, { counts }) => sum + hostsOf(counts), 0)
