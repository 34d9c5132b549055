import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import type { Clock } from '../clock.ts'
import type { ObserverListener } from '../observer.ts'
import { snapshotHash } from '../providers/snapshot-hash.ts'

const CHANGED_EVERY_MS = 1_000
/** A transition that waits for a task stands for minutes; a fleet of which many wait says so less often. */
const UNCHANGED_EVERY_MS = 5_000

/**
 * Says each thing once: a snapshot when its hash differs; of a transition who holds it back at once, other numbers at most once a
 * second, and that it is as it was each five seconds.
 */
export const createEmitter = (listener: Pick<ObserverListener, 'snapshot' | 'transition' | 'looked'>, clock: Clock) => {
  let hash = ''
  let sampled: TransitionSample | null = null
  let sampledAtMs = 0
  const isNews = (sample: TransitionSample | null) => key(sample) !== key(sampled)
  return {
    isNews,
    snapshot(snapshot: Snapshot) {
      const next = snapshotHash(snapshot)
      if (next === hash) return
      hash = next
      listener.snapshot(snapshot, next)
    },
    sample(sample: TransitionSample | null) {
      listener.looked?.(sample)
      const nowMs = clock.monotonicMicroseconds() / 1_000
      const everyMs = content(sample) === content(sampled) ? UNCHANGED_EVERY_MS : CHANGED_EVERY_MS
      const due = sample !== null && nowMs - sampledAtMs >= everyMs
      if (!isNews(sample) && !due) return
      sampled = sample
      sampledAtMs = nowMs
      listener.transition(sample)
    },
  }
}

const key = (sample: TransitionSample | null) =>
  sample &&
  `${sample.patch} ${sample.target} ${sample.startedAt} ${sample.signalledAt} ${sample.forcedAt} ${culprits(sample)}`

const culprits = ({ blocking, blockingTotal }: TransitionSample) =>
  `${blockingTotal} ${blocking.map(({ tid }) => tid).join(' ')}`

const content = (sample: TransitionSample | null) => sample && JSON.stringify({ ...sample, sampledAt: '' })
