import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import type { Clock } from '../clock.ts'
import type { Aim } from '../journal/journal-state.ts'
import type { KernelFs } from '../kernel/kernel-fs.ts'
import { type PatchView, viewPatch } from './kernel-view.ts'
import { done, failed, type Outcome } from './ports.ts'

const LOOK_MS = 1_000
/** A transition that runs so long is another matter than the command that began it. */
const FOLLOWED_MS_MAX = 24 * 60 * 60_000
/** `enabled` may still be at its old value, and a directory not there yet, right after the kernel has accepted a change. */
export const SETTLES_MS = 3_000

/** What sysfs says of an aim; null: it is still on its way. */
export const judge = ({ patch, want }: Aim, view: PatchView): Outcome | null => {
  if (view.kind === 'unknown' || (view.kind === 'there' && view.transition)) return null
  if (want === 'in') {
    return view.kind === 'there'
      ? done(`${patch} is in effect.`)
      : failed('gone', `${patch} is out again: it was reversed or disabled, or a cumulative patch replaced it.`)
  }
  return view.kind === 'absent'
    ? done(`${patch} is out; its module stays loaded until it is enabled again or removed.`)
    : failed('back', `${patch} is in effect again: its way out was reversed.`)
}

/**
 * Waits for what the kernel has accepted: insmod(8) and a write return 0 then, and the transition may take minutes, or
 * stall for good. `onStalled` is called once when somebody blocks it. Null: aborted first.
 */
export const follow = async (
  aim: Aim,
  ports: { fs: KernelFs; clock: Clock; signal: AbortSignal; sample: () => TransitionSample | null },
  onStalled: (sample: TransitionSample) => void,
): Promise<Outcome | null> => {
  const { fs, clock, signal } = ports
  let toldStalled = false
  for (let waitedMs = 0; waitedMs < FOLLOWED_MS_MAX; waitedMs += LOOK_MS) {
    if (signal.aborted) return null
    const outcome = judge(aim, await viewPatch(fs, aim.patch))
    const settles = outcome !== null && outcome.state === 'failed' && waitedMs < SETTLES_MS
    if (outcome !== null && !settles) return outcome
    const sample = ports.sample()
    if (!toldStalled && sample?.patch === aim.patch && sample.blockingTotal > 0) {
      toldStalled = true
      onStalled(sample)
    }
    await clock.sleep(LOOK_MS, signal)
  }
  return signal.aborted ? null : failed('too_long', `${aim.patch} is still in transition after a day.`)
}
