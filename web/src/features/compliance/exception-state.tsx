import type { ExceptionState } from '@rebootless/shared/domain/compliance/compliance-words.ts'
import { StateGlyph } from '../../ui/state-glyph.tsx'

/** What became of an exception, in icon, word and colour. An accepted risk is no success: it is not blue. */
const STATES: Readonly<
  Record<ExceptionState, { word: string; glyph: 'stale' | 'exposed' | 'disabled' | 'offline'; tone: string }>
> = {
  requested: { word: 'Waits for an approver', glyph: 'stale', tone: 'text-ink-2' },
  in_effect: { word: 'In effect', glyph: 'exposed', tone: 'text-old-text' },
  ended: { word: 'Ended', glyph: 'disabled', tone: 'text-ink-3' },
  declined: { word: 'Declined', glyph: 'disabled', tone: 'text-ink-3' },
  expired: { word: 'Ran out', glyph: 'disabled', tone: 'text-ink-3' },
}

export const ExceptionStateMark = ({ state }: { state: ExceptionState }) => {
  const { word, glyph, tone } = STATES[state]
  return (
    <span className={`inline-flex items-center gap-1.5 font-medium whitespace-nowrap ${tone}`}>
      <StateGlyph state={glyph} />
      {word}
    </span>
  )
}
