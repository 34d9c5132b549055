import { createHash } from 'node:crypto'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'

/**
 * SHA-256, in hex, over what a reading says of the host, without what differs from one reading to the next although
 * nothing happened: when it was taken, the boot time computed from it, samples of tasks, and raw text.
 */
export const snapshotHash = (snapshot: Snapshot): string => {
  const { takenAt: _takenAt, raw: _raw, transition, kernel, ...rest } = snapshot
  const { bootedAt: _bootedAt, ...kernelRest } = kernel
  const steady = transition && {
    patch: transition.patch,
    target: transition.target,
    startedAt: transition.startedAt,
    signalledAt: transition.signalledAt,
    forcedAt: transition.forcedAt,
    blocking: transition.blocking.map(({ pid, tid }) => `${pid}/${tid}`),
  }
  return createHash('sha256')
    .update(canonicalJson({ ...rest, kernel: kernelRest, transition: steady }))
    .digest('hex')
}
