import type { RolloutPlan } from '../../contract/rollout-plan.ts'
import type { HostProgress } from '../../contract/rollouts-api.ts'
import { tell } from './judge-hosts.ts'
import { spanText } from './rollout-clock.ts'
import type { RolloutDraft } from './rollout-draft.ts'
import { goalOf, isGoing, mayBegin, RETRIES_MAX } from './rollout-state.ts'
import type { OrderAction } from './rollout-words.ts'

/** Orders that would run out so soon are not given. */
const WINDOW_LEFT_MS_MIN = 60_000

/** Until when a host that is told now may begin; null: nobody may be told now. */
export const enoughOf = (end: number | null, now: number): number | null =>
  end === null || end - now < WINDOW_LEFT_MS_MIN ? null : end

/**
 * Tells waiting hosts of the wave, in their order, as many as the limits let.
 * @returns whether a turn ended badly: what the plan says of failures comes before anything goes on
 */
export const tellWave = (draft: RolloutDraft, wave: number, until: number | null): boolean => {
  const settled: HostProgress[] = []
  for (const host of draft.hosts()) {
    if (host.stage !== 'waiting' || host.wave !== wave) continue
    if (until !== null && !draft.hasAnyPlace()) break
    const after = takeTurn(draft, host, until)
    if (after !== null) settled.push(after)
  }
  const refused = settled.filter(({ stage }) => stage === 'refused' || stage === 'failed')
  if (refused.length > 0) tell(draft, 'failed', refused)
  const out = settled.filter(({ stage }) => stage === 'left out')
  if (out.length > 0) tell(draft, 'left out', out)
  return refused.length > 0
}

/** @returns the host, where its turn ended without an order and not by the change being there already */
const takeTurn = (draft: RolloutDraft, host: HostProgress, until: number | null): HostProgress | null => {
  const { reading } = host
  if (host.unheardWatched !== null || reading === null) return missTurn(draft, host)
  if (!reading.fit.fits) {
    // It fitted when the waves were planned: its kernel is another by now.
    const isLeftOut = draft.plan.livePatching === 'only'
    const after = draft.setStage(host, isLeftOut ? 'left out' : 'due for a boot', reading.fit.why)
    return isLeftOut ? after : null
  }
  if (reading.effect === goalOf(draft.plan)) {
    const doneOrder = draft.head.doneCount
    draft.setHead({ doneCount: doneOrder + 1 })
    const there = { doneOrder, doneWatched: draft.watched, toldWatched: draft.watched }
    draft.setStage(host, 'done', 'It was so before its turn came.', there)
    return null
  }
  if (reading.refusal !== null) return draft.setStage(host, 'refused', reading.refusal)
  if (reading.effect === 'unknown')
    return draft.setStage(host, 'refused', 'What state the change is in could not be read.')
  if (host.busyWatched !== null) return waitForOther(draft, host, host.busyWatched, reading.busyWith)
  if (isGoing(reading.effect) || until === null || !draft.hasPlaceFor(host)) return null
  const toldWatched = host.toldWatched ?? draft.watched
  draft.setStage(host, 'told', null, { ...draft.order(host, actionOf(draft.plan), until), toldWatched })
  return null
}

const actionOf = ({ change }: RolloutPlan): OrderAction => change.kind

/**
 * Somebody else's transition: the kernel changes one livepatch at a time (kernel/livepatch/core.c, EBUSY). It is waited for as
 * long as a host that is not heard, and what came of it then is said.
 */
const waitForOther = (
  draft: RolloutDraft,
  host: HostProgress,
  since: number,
  by: string | null,
): HostProgress | null => {
  const begun = draft.head.waves[host.wave ?? 0]?.sinceWatched ?? draft.watched
  const waited = draft.watched - Math.max(begun, since)
  if (waited < draft.plan.vanished.afterSeconds * 1000) return null
  const why = `Its turn came, and ${by ?? 'another livepatch'} has been in transition for ${spanText(waited)}.`
  return draft.setStage(host, 'refused', why)
}

/** A host that is not heard when its turn comes is waited for as long as one in change. */
const missTurn = (draft: RolloutDraft, host: HostProgress): HostProgress | null => {
  const begun = draft.head.waves[host.wave ?? 0]?.sinceWatched ?? draft.watched
  const unheard = draft.watched - Math.max(begun, host.unheardWatched ?? begun)
  if (unheard < draft.plan.vanished.afterSeconds * 1000) return null
  const why = `Its turn came, and it was not heard for ${spanText(unheard)}.`
  return draft.setStage(host, draft.plan.vanished.count === 'as failed' ? 'failed' : 'left out', why)
}

/**
 * What the plan says of transitions that stall: `wait` does nothing, `retry` begins them anew some times, `reverse` takes this
 * host's back. Never force.
 * @returns hosts about which a person must be asked
 */
export const treatStalls = (draft: RolloutDraft, until: number | null): HostProgress[] => {
  const { policy, afterSeconds } = draft.plan.stalls
  if (policy === 'wait') return []
  const asked: HostProgress[] = []
  for (const host of draft.hosts()) {
    if (host.stage !== 'stalled' || draft.watched - host.sinceWatched < afterSeconds * 1000) continue
    // An order that may still begin is not followed by another.
    if (host.unheardWatched !== null || mayBegin(host)) continue
    const undoing = undoActionOf(draft.plan, host)
    if (policy === 'retry' && host.retries < RETRIES_MAX && draft.plan.change.kind !== 'update') {
      if (until === null) continue
      const retried = { ...draft.order(host, 'retry', until), retries: host.retries + 1 }
      draft.setHost(host, { ...retried, sinceWatched: draft.watched, since: draft.at })
    } else if (policy === 'reverse' && undoing !== null) {
      // Taking it back waits for no window.
      const why = `Its transition stalled, and was reversed: ${host.why ?? 'it waited too long.'}`
      draft.setStage(host, 'undoing', why, draft.order(host, undoing, Number.POSITIVE_INFINITY))
    } else if (!host.forgiven) asked.push(host)
  }
  return asked
}

/** What takes the change back on a host; null: nothing does. */
export const undoActionOf = ({ change }: RolloutPlan, host: HostProgress): OrderAction | null => {
  if (change.kind === 'update') return null
  if (change.kind === 'load') return 'reversal'
  return isGoing(host.reading?.effect) ? 'reverse' : 'enable'
}
