import { counted } from '../sentence.ts'
import { failedRecheck, isMeant, readGates, shutGate } from './gates.ts'
import { tellWave } from './give-orders.ts'
import { isInDoubt } from './rollout-clock.ts'
import type { RolloutDraft } from './rollout-draft.ts'

/** Takes the wave that goes as far as it goes now, and begins the next when it is done. */
export const driveWaves = (draft: RolloutDraft, until: number | null): void => {
  for (;;) {
    const { wave, phase, waves } = draft.head
    if (phase !== 'running') return
    const progress = waves[wave]
    if (progress === undefined) {
      // A host of a wave that passed without it may have come back in the middle of its change.
      if (draft.plan.waves.some((_, index) => draft.unsettledIn(index) > 0)) return
      draft.setPhase('done', null)
      draft.decide('done', 'Every wave is done.')
      return
    }
    if (progress.stage === 'not begun' && !beginWave(draft, wave, until)) return
    if (tellWave(draft, wave, until)) return
    if (draft.unsettledIn(wave) > 0) {
      soakAnew(draft, wave)
      return
    }
    if (draft.head.waves[wave]?.stage === 'going') {
      draft.setWaveStage(wave, 'soaking')
      draft.decide('wave settled', `All hosts of ${nameOf(draft, wave)} have settled: it soaks.`, { wave })
    }
    if (draft.head.waves[wave]?.since === null) draft.setWaveStage(wave, 'soaking')
    if (!leaveWave(draft, wave)) return
  }
}

/** A host that had vanished is back in the middle of its change, or is to be told again: the soak begins when it has settled. */
const soakAnew = (draft: RolloutDraft, wave: number): void => {
  const stage = draft.head.waves[wave]?.stage
  if (stage === 'at its gate') {
    draft.setWave(wave, { stage: 'soaking', since: null })
    const sentence = `${nameOf(draft, wave)} has hosts in change again: it soaks anew when they have settled.`
    draft.decide('wave settled', sentence, { wave })
  } else if (stage === 'soaking') draft.setWave(wave, { since: null })
}

const nameOf = (draft: RolloutDraft, wave: number): string => draft.plan.waves[wave]?.name ?? `wave ${wave + 1}`

/** @returns whether it goes */
const beginWave = (draft: RolloutDraft, wave: number, until: number | null): boolean => {
  // It begins when its first host may: not in a freeze, outside a window, or by a clock that nobody trusts.
  if (until === null) return false
  const round = (draft.head.waves[wave]?.round ?? 0) + 1
  draft.setWave(wave, { round })
  draft.setWaveStage(wave, 'going')
  const hosts = counted(draft.unsettledIn(wave), 'host')
  draft.decide('wave begun', `${nameOf(draft, wave)} begins: ${hosts}.`, { wave })
  return true
}

const isEmpty = (draft: RolloutDraft, wave: number): boolean => {
  for (const host of draft.hosts()) if (host.wave === wave && isMeant(host)) return false
  return true
}

/** Soak, then gates, then the re-check. @returns whether the wave is done */
const leaveWave = (draft: RolloutDraft, wave: number): boolean => {
  if (isEmpty(draft, wave)) {
    passWave(draft, wave, 'It has no host that is changed.')
    return true
  }
  const soakMs = (draft.plan.waves[wave]?.soakSeconds ?? 0) * 1000
  const progress = draft.head.waves[wave]
  if (progress === undefined || isInDoubt(draft.head.clock)) return false
  if (progress.stage === 'soaking' && draft.watched - progress.sinceWatched < soakMs) return false
  const isNew = progress.stage === 'soaking'
  if (isNew) draft.setWaveStage(wave, 'at its gate')
  draft.setWave(wave, { gates: readGates(draft, wave) })
  const shut = shutGate(draft.plan, draft.head, wave) ?? failedRecheck(draft.plan, draft.hosts(), wave)
  if (shut === null) {
    passWave(draft, wave, null)
    return true
  }
  if (isNew) draft.decide('gate shut', `${nameOf(draft, wave)} stands at its gate.`, { wave, because: shut })
  return false
}

/** The wave is done, and the next is to begin. */
export const passWave = (draft: RolloutDraft, wave: number, because: string | null): void => {
  draft.setWaveStage(wave, 'done')
  draft.setHead({ wave: wave + 1 })
  draft.decide('wave done', `${nameOf(draft, wave)} is done.`, { wave, because })
}
