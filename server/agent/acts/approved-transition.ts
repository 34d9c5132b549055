import type { TransitionSample, TransitionTarget } from '@rebootless/shared/contract/transition.ts'
import { refused } from '../commands/signatures.ts'
import { patchInTransition, viewPatch } from './kernel-view.ts'
import { type ActPorts, type Outcome, refusedAct } from './ports.ts'

/** A transition that has just begun has `enabled` still at its old value: 30 to 500 ms as seen on real kernels. */
export const BEGINS_MS = 1_000
/** Older readings say nothing of who blocks now. */
const SAMPLE_AGE_MS_MAX = 10_000

/**
 * Refuses unless the transition that runs is the one that was approved: of this patch, and the same way (threat-model T26).
 * Which way is told by `enabled`, which klp_reverse_transition turns with the transition.
 */
export const refuseOtherTransition = async (
  patch: string,
  target: TransitionTarget | null,
  ports: ActPorts,
): Promise<Outcome | null> => {
  let view = await viewPatch(ports.fs, patch)
  if (view.kind === 'there' && view.transition && wayOf(view) !== target) {
    await ports.clock.sleep(BEGINS_MS, ports.signal)
    view = await viewPatch(ports.fs, patch)
  }
  if (view.kind === 'there' && view.transition) {
    if (wayOf(view) === target) return null
    const detail = `${patch} is ${wayOf(view)}; what was approved is for when it is ${target ?? 'neither'}.`
    return refusedAct(refused('other_transition', detail))
  }
  const running = await patchInTransition(ports.fs)
  return running == null
    ? refusedAct(refused('no_transition', `${patch} is not in transition.`))
    : refusedAct(refused('other_transition', `${running} is in transition, and not ${patch}.`))
}

const wayOf = ({ enabled }: { readonly enabled: boolean }): TransitionTarget => (enabled ? 'patching' : 'unpatching')

export type Stalled =
  | { readonly ok: true; readonly sample: TransitionSample }
  | { readonly ok: false; readonly outcome: Outcome }

/** The approved transition, with who blocks it: tasks that the kernel has tried twice and could not move. */
export const stalledTransition = async (
  patch: string,
  target: TransitionTarget | null,
  ports: ActPorts,
): Promise<Stalled> => {
  const other = await refuseOtherTransition(patch, target, ports)
  if (other !== null) return { ok: false, outcome: other }
  const sample = ports.sample()
  const fresh = sample !== null && ports.clock.now() - Date.parse(sample.sampledAt) <= SAMPLE_AGE_MS_MAX
  const isThis = fresh && sample.patch === patch && sample.target === target
  if (isThis && sample.blockingTotal > 0) return { ok: true, sample }
  const detail = `No task was found to block ${patch} for two of the kernel's retries.`
  return { ok: false, outcome: refusedAct(refused('not_stalled', detail)) }
}
