import type { RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import type { HostState } from '@rebootless/shared/domain/words.ts'

/** How a step of the track looks and is called; no glyph: nothing of it has begun. */
export const waveMark = (
  { stage, counts }: Pick<RolloutDetail['waves'][number], 'stage' | 'counts'>,
  isStopped: boolean,
): { glyph: HostState | null; word: string } => {
  const trouble = (counts.failed ?? 0) + (counts['undo failed'] ?? 0)
  switch (stage) {
    case 'not begun':
      return (counts.undone ?? 0) > 0 ? { glyph: null, word: 'undone' } : { glyph: null, word: 'not begun' }
    case 'going':
      if (trouble > 0) return { glyph: 'failed', word: isStopped ? 'stopped' : 'going' }
      if (isStopped) return { glyph: 'stalled', word: 'stopped' }
      return { glyph: (counts.stalled ?? 0) > 0 ? 'stalled' : 'patching', word: 'going' }
    case 'soaking':
      return { glyph: 'stale', word: 'soaking' }
    case 'at its gate':
      return { glyph: 'stalled', word: 'at its gate' }
    case 'done':
      return { glyph: 'patched', word: 'passed' }
  }
}
