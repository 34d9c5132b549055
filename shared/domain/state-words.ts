import type { HostState, PatchLifeState } from './words.ts'

/**
 * What a state is called on screen and which family it belongs to. The family decides outline and colour together, so
 * that no state needs colour to be told: `square` the patch is in, `diamond` it is not, `octagon` danger, `circle` not known.
 */
export interface StateWords {
  readonly word: string
  /** What it means, for a person who meets the word for the first time. */
  readonly meaning: string
  readonly shape: 'square' | 'diamond' | 'octagon' | 'circle'
  readonly tone: 'new' | 'old' | 'danger' | 'none'
}

export const HOST_STATE_WORDS: Readonly<Record<HostState, StateWords>> = {
  forced: {
    word: 'Forced',
    meaning: 'A transition was forced, so tasks may still run old code. Only a reboot makes this host sure again.',
    shape: 'octagon',
    tone: 'danger',
  },
  stalled: {
    word: 'Stalled',
    meaning: 'A transition is held back by tasks that do not switch.',
    shape: 'square',
    tone: 'old',
  },
  failed: { word: 'Failed', meaning: 'A patch could not be applied.', shape: 'octagon', tone: 'danger' },
  patching: { word: 'Patching', meaning: 'Tasks are moving to new code.', shape: 'square', tone: 'new' },
  unpatching: { word: 'Unpatching', meaning: 'Tasks are moving back to old code.', shape: 'square', tone: 'old' },
  exposed: {
    word: 'Exposed',
    meaning: 'No live patch is in effect, or one that is offered is not in.',
    shape: 'diamond',
    tone: 'old',
  },
  drifted: {
    word: 'Drifted',
    meaning: 'What runs, or what keeps it patched, is not what was meant here.',
    shape: 'diamond',
    tone: 'old',
  },
  stale: {
    word: 'Stale',
    meaning: 'The agent is connected, but what it last read is old.',
    shape: 'circle',
    tone: 'none',
  },
  offline: { word: 'Offline', meaning: 'The agent is not connected.', shape: 'circle', tone: 'none' },
  patched: {
    word: 'Patched',
    meaning: 'Live patches are in effect, and none is known to be missing.',
    shape: 'square',
    tone: 'new',
  },
  unsupported: { word: 'Unsupported', meaning: 'This kernel cannot be live patched.', shape: 'circle', tone: 'none' },
}

export const PATCH_STATE_WORDS: Readonly<Record<PatchLifeState, StateWords>> = {
  patching: { ...HOST_STATE_WORDS.patching, word: 'Patching' },
  applied: { word: 'Applied', meaning: 'Every task runs its code.', shape: 'square', tone: 'new' },
  unpatching: { ...HOST_STATE_WORDS.unpatching, word: 'Unpatching' },
  disabled: {
    word: 'Disabled',
    meaning: 'The module is still loaded, but the patch is out.',
    shape: 'circle',
    tone: 'none',
  },
  superseded: {
    word: 'Superseded',
    meaning: 'A cumulative patch took its place; the module may still be loaded.',
    shape: 'circle',
    tone: 'none',
  },
  unknown: {
    word: 'Unknown',
    meaning: 'It is loaded, but its state could not be read.',
    shape: 'circle',
    tone: 'none',
  },
}
