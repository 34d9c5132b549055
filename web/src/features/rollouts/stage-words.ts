import type { HostStage, RolloutPhase } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import type { StateWords } from '@rebootless/shared/domain/state-words.ts'
import type { HostState, PatchLifeState } from '@rebootless/shared/domain/words.ts'

type Tone = StateWords['tone']
type Shape = HostState | PatchLifeState

/** A phase in the one language of shapes: a rollout that goes on looks like a host that does. */
export const PHASE_WORDS: Readonly<Record<RolloutPhase, { word: string; shape: Shape; tone: Tone }>> = {
  draft: { word: 'Not started', shape: 'unsupported', tone: 'none' },
  'awaiting approval': { word: 'Awaiting approval', shape: 'stale', tone: 'none' },
  running: { word: 'Running', shape: 'patching', tone: 'new' },
  paused: { word: 'Paused', shape: 'stalled', tone: 'old' },
  reversing: { word: 'Being undone', shape: 'unpatching', tone: 'old' },
  done: { word: 'Done', shape: 'patched', tone: 'new' },
  aborted: { word: 'Aborted', shape: 'offline', tone: 'none' },
  reversed: { word: 'Undone', shape: 'superseded', tone: 'none' },
  'reversed in part': { word: 'Undone in part', shape: 'failed', tone: 'danger' },
}

/** A word stands behind a number too: "12 waiting". `meaning`: for whoever meets it for the first time. */
export const STAGE_WORDS: Readonly<
  Record<HostStage, { word: string; shape: Shape | 'waiting' | 'told'; tone: Tone; meaning: string }>
> = {
  done: { word: 'done', shape: 'patched', tone: 'new', meaning: 'The change is in effect.' },
  changing: { word: 'changing', shape: 'patching', tone: 'new', meaning: 'Its transition runs.' },
  told: { word: 'told', shape: 'told', tone: 'new', meaning: 'An order is out; the kernel shows nothing of it yet.' },
  stalled: { word: 'stalled', shape: 'stalled', tone: 'old', meaning: 'Its transition is held back by a task.' },
  undoing: { word: 'being undone', shape: 'unpatching', tone: 'old', meaning: 'What was done to it is taken back.' },
  failed: { word: 'failed', shape: 'failed', tone: 'danger', meaning: 'The change could not be made.' },
  'undo failed': { word: 'not undone', shape: 'forced', tone: 'danger', meaning: 'It could not be undone.' },
  refused: { word: 'refused', shape: 'exposed', tone: 'old', meaning: 'The host refused the order.' },
  vanished: { word: 'vanished', shape: 'offline', tone: 'none', meaning: 'It is not heard since it was told.' },
  waiting: { word: 'waiting', shape: 'waiting', tone: 'none', meaning: 'It has not been told yet.' },
  undone: { word: 'undone', shape: 'superseded', tone: 'none', meaning: 'It is again as it was before.' },
  'due for a boot': { word: 'due for a boot', shape: 'drifted', tone: 'old', meaning: 'The fix waits for a boot.' },
  'left out': { word: 'left out', shape: 'unsupported', tone: 'none', meaning: 'It takes no part any more.' },
}

/** What is well first, then what moves, then what needs someone, then what has yet to come. */
export const STAGES_IN_ORDER = Object.keys(STAGE_WORDS) as HostStage[]
