import type { HostStage, RolloutPhase } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { StateGlyph, StateShape, TONE_TEXT } from '../../ui/state-glyph.tsx'
import { PHASE_WORDS, STAGE_WORDS } from './stage-words.ts'

export const PhaseMark = ({ phase }: { phase: RolloutPhase }) => {
  const { word, shape, tone } = PHASE_WORDS[phase]
  return (
    <span className={`inline-flex items-center gap-1.5 font-medium whitespace-nowrap ${TONE_TEXT[tone]}`}>
      <StateGlyph state={shape} />
      {word}
    </span>
  )
}

/** Always beside the stage's word, which is why it is hidden from readers. */
export const StageGlyph = ({ stage, size = 16 }: { stage: HostStage; size?: number }) => {
  const { shape } = STAGE_WORDS[stage]
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" className="flex-none" aria-hidden="true">
      {shape === 'waiting' ? (
        <rect x="2" y="2" width="12" height="12" rx="3" fill="var(--none-cell)" />
      ) : shape === 'told' ? (
        <>
          <rect x="2" y="2" width="12" height="12" rx="3" fill="var(--none-cell)" />
          <circle cx="8" cy="8" r="2.4" fill="var(--new-fill)" />
        </>
      ) : (
        <StateShape state={shape} />
      )}
    </svg>
  )
}

export const StageMark = ({ stage }: { stage: HostStage }) => {
  const { word, tone, meaning } = STAGE_WORDS[stage]
  return (
    <span
      className={`inline-flex items-center gap-1.5 font-medium whitespace-nowrap ${TONE_TEXT[tone]}`}
      title={meaning}
    >
      <StageGlyph stage={stage} />
      {word}
    </span>
  )
}
