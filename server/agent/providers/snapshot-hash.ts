import { createHash } from 'node:crypto'
import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'

/**
 * SHA-256, in hex, over what a reading says of the host, without what differs from one reading to the next although
 * nothing happened: when it was taken, the boot time computed from it, samples of tasks, raw text, since when a tool has said
 * the same, and the time of day at which it last heard from its vendor.
 */
export const snapshotHash = (snapshot: Snapshot): string => {
  const { takenAt: _takenAt, raw: _raw, transition, kernel, providers, ...rest } = snapshot
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
    .update(canonicalJson({ ...rest, kernel: kernelRest, transition: steady, providers: providers.map(steadyReport) }))
    .digest('hex')
}

/** Only the day of the last check counts: a tool that checks each hour is no news, one that no longer does shall be seen. */
export const steadyReport = (report: ProviderReport): ProviderReport => ({
  ...report,
  since: null,
  checkedAt: report.checkedAt?.slice(0, 10) ?? null,
})
