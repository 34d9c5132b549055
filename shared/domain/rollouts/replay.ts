import type { RolloutDecision } from '../../contract/rollouts-api.ts'
import type { DecisionKind, RolloutPhase, WaveStage } from './rollout-words.ts'

export interface Replayed {
  readonly phase: RolloutPhase
  readonly stages: readonly WaveStage[]
}

const PHASES: Partial<Record<DecisionKind, RolloutPhase>> = {
  'awaiting approval': 'awaiting approval',
  started: 'running',
  paused: 'paused',
  'paused by itself': 'paused',
  resumed: 'running',
  aborted: 'aborted',
  reversing: 'reversing',
  'reversing by itself': 'reversing',
  reversed: 'reversed',
  'reversed in part': 'reversed in part',
  done: 'done',
}

const STAGES: Partial<Record<DecisionKind, WaveStage>> = {
  'wave begun': 'going',
  'wave settled': 'soaking',
  'gate shut': 'at its gate',
  'wave done': 'done',
  'wave undone': 'not begun',
}

/** Where a rollout stands by its log alone: the log explains the state when the two are the same. */
export const replayRollout = (
  waveCount: number,
  decisions: readonly Pick<RolloutDecision, 'kind' | 'wave'>[],
): Replayed => {
  let phase: RolloutPhase = 'draft'
  const stages: WaveStage[] = Array.from({ length: waveCount }, () => 'not begun')
  for (const { kind, wave } of decisions) {
    phase = PHASES[kind] ?? phase
    if (wave === null) continue
    const stage = STAGES[kind]
    if (stage !== undefined) stages[wave] = stage
    // New hosts in a wave that soaked: it goes again, without being begun again.
    if (kind === 'joined' && (stages[wave] === 'soaking' || stages[wave] === 'at its gate')) stages[wave] = 'going'
  }
  return { phase, stages }
}
