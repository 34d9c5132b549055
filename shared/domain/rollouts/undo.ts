import type { HostProgress } from '../../contract/rollouts-api.ts'
import { counted } from '../sentence.ts'
import { undoActionOf } from './give-orders.ts'
import { isInDoubt } from './rollout-clock.ts'
import type { RolloutDraft } from './rollout-draft.ts'
import { gatesOf, isInChange, mayBegin, startOf } from './rollout-state.ts'
import type { HostStage } from './rollout-words.ts'

const isOf = ({ wave }: HostProgress, fromWave: number): boolean => wave !== null && wave >= fromWave

/** What is in change first, as its place is taken already; then what was done last. */
const lastFirst = (a: HostProgress, b: HostProgress): number =>
  Number(isInChange(b)) - Number(isInChange(a)) ||
  (b.doneOrder ?? Number.MAX_SAFE_INTEGER) - (a.doneOrder ?? Number.MAX_SAFE_INTEGER)

/** Stages in which nothing more is undone. */
export const UNDO_OVER: readonly HostStage[] = ['undone', 'undo failed']

/** Whether a reversal that takes in its wave does something to it: the rollout changed it, or an order may still begin. */
export const isToUndo = ({ stage, ours }: HostProgress): boolean =>
  stage === 'told' || (ours && !UNDO_OVER.includes(stage))

/** Undoes what this rollout has put there, in reverse order, under the same limits. Maintenance windows do not hold. */
export const driveReversal = (draft: RolloutDraft, frozen: boolean): void => {
  const { reversal } = draft.head
  if (reversal === null) return
  const open: HostProgress[] = []
  for (const host of draft.hosts()) {
    if (isOf(host, reversal.fromWave) && isToUndo(host)) open.push(host)
  }
  let left = 0
  for (const host of open.sort(lastFirst)) if (!undo(draft, host, frozen)) left += 1
  if (left === 0) endReversal(draft, reversal)
}

/**
 * Whether what was last read is from after the change: it was seen in effect, or its agent says that it failed. Of others it
 * may be from before, and they are asked: where there is nothing to undo, they say so.
 */
const isReadAfter = ({ stage, outcome, doneOrder }: HostProgress): boolean =>
  stage === 'done' || (stage === 'left out' && doneOrder !== null) || (stage === 'failed' && outcome === 'failed')

/** @returns whether nothing is left to be done there */
const undo = (draft: RolloutDraft, host: HostProgress, frozen: boolean): boolean => {
  // Whether it begins is not known yet: the order runs out, or the host says so.
  if (mayBegin(host)) return false
  if (host.stage === 'undoing' && (host.outcome === 'started' || host.outcome === 'done' || host.outcome === 'unknown'))
    return false
  if (host.stage === 'told' && !host.ours) return false
  if (host.unheardWatched !== null) return giveUpUnheard(draft, host)
  if (host.reading?.effect === startOf(draft.plan) && isReadAfter(host)) {
    const [stage, why] = host.stage === 'left out' ? (['left out', host.why] as const) : (['undone', null] as const)
    draft.setStage(host, stage, why, { ours: false })
    return true
  }
  if (host.stage === 'undoing' && host.outcome === 'failed') return false
  const action = undoActionOf(draft.plan, host)
  if (action === null) {
    draft.setStage(host, 'undo failed', 'No documented command takes back what a vendor’s tool has put in.')
    return true
  }
  if (frozen || isInDoubt(draft.head.clock) || !draft.hasPlaceFor(host)) return false
  const expiries = host.stage === 'undoing' ? host.expiries : 0
  // Whom a person left out stays left out, when there is nothing of the rollout on it any more.
  const leaving = host.stage === 'left out' ? host.why : host.leaving
  const ordered = draft.order(host, action, Number.POSITIVE_INFINITY)
  draft.setStage(host, 'undoing', host.why, { ...ordered, expiries, leaving })
  return false
}

const giveUpUnheard = (draft: RolloutDraft, host: HostProgress): boolean => {
  const unheard = draft.watched - (host.unheardWatched ?? draft.watched)
  if (unheard < draft.plan.vanished.afterSeconds * 1000 || isInDoubt(draft.head.clock)) return false
  draft.setStage(host, 'undo failed', 'It is not heard, so that nothing could be taken out.')
  return true
}

/** As far as anybody knows: also one that a person left out. */
const keepsIt = (draft: RolloutDraft, { stage, attempt, reading }: HostProgress): boolean =>
  stage === 'undo failed' || (stage === 'left out' && attempt > 0 && reading?.effect !== startOf(draft.plan))

const endReversal = (
  draft: RolloutDraft,
  { fromWave, afterwards }: { fromWave: number; afterwards: 'end' | 'pause' },
): void => {
  const failed: HostProgress[] = []
  let kept = 0
  for (const host of draft.hosts()) {
    if (isOf(host, fromWave) && keepsIt(draft, host)) failed.push(host)
    if (!isOf(host, fromWave) && host.ours) kept += 1
  }
  for (const [index, { stage }] of draft.head.waves.entries()) {
    if (index < fromWave || stage === 'not begun') continue
    const gates = gatesOf(draft.plan, index)
    draft.setWave(index, { gates: gates.map(() => null), approvals: gates.map(() => []) })
    draft.setWaveStage(index, 'not begun')
    draft.decide('wave undone', `${draft.plan.waves[index]?.name ?? index + 1} is undone.`, { wave: index })
  }
  draft.setHead({ wave: Math.min(draft.head.wave, fromWave), reversal: null })
  const rest = failed.length === 0 ? '' : ` ${counted(failed.length, 'host')} could not be undone.`
  if (afterwards === 'pause') {
    draft.setPhase(
      'paused',
      `it is undone from ${draft.plan.waves[fromWave]?.name ?? fromWave + 1} on, and its hosts go again when somebody resumes; leave out first whoever should not.${rest}`,
    )
    draft.decide(
      'paused by itself',
      `It is undone from ${draft.plan.waves[fromWave]?.name ?? fromWave + 1} on, and waits.${rest}`,
      {
        hosts: failed.map(({ id }) => id),
      },
    )
    return
  }
  const phase = failed.length === 0 && kept === 0 ? 'reversed' : 'reversed in part'
  const because = draft.head.because
  draft.setPhase(phase, because)
  const before = kept === 0 ? '' : ` ${counted(kept, 'host')} of the waves before keep it.`
  draft.decide(phase, `It is undone${phase === 'reversed' ? '' : ' in part'}.${rest}${before}`, {
    hosts: failed.map(({ id }) => id),
    because,
  })
}
