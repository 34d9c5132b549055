import type { KernelEvent, PatchMemory } from '@rebootless/shared/contract/patch-memory.ts'
import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import { absentProvider, providerReport } from '@rebootless/shared/domain/provider-report.ts'
import { cut, noteUnreadable } from '../kernel/reading.ts'
import { boundSnapshot } from './bound-snapshot.ts'
import type { HostReading } from './host-reading.ts'
import type { ProviderAccount } from './provider-account.ts'

export interface SnapshotParts {
  host: HostReading
  hostName: string | undefined
  memory: PatchMemory[]
  /** null: the log could not be read, for the reason `kernelLogErrno`. */
  kernelEvents: readonly KernelEvent[] | null
  kernelLogErrno: string | null
  transition: TransitionSample | null
  /** What other systems' tools say; null: they are not read. */
  account: ProviderAccount | null
  takenAt: string
}

const KERNEL_EVENTS_MAX = 256
const RAW_FILES_MAX = 512
const PROVIDERS_MAX = 16
const LOG_CONSEQUENCE =
  'when transitions began and which way they go is only inferred from sysfs, and a forced one cannot be told'

/** One account of a host: the kernel's own files, and what the tools of other systems say. */
export const assembleSnapshot = (parts: SnapshotParts): Snapshot => {
  const { host, kernelLogErrno, account } = parts
  if (kernelLogErrno !== null) noteUnreadable(host.notes, '/dev/kmsg', kernelLogErrno, LOG_CONSEQUENCE)
  for (const { path, errno, consequence } of account?.unreadable ?? []) {
    noteUnreadable(host.notes, path, errno, consequence)
  }
  const raw = account?.raw ?? []
  return boundSnapshot({
    takenAt: parts.takenAt,
    hostName: cut(parts.hostName ?? host.hostName ?? 'unknown', 255),
    kernel: host.kernel,
    operatingSystem: host.operatingSystem,
    providers: [livepatchReport(host), ...(account?.reports ?? [])].slice(0, PROVIDERS_MAX),
    distribution: account?.distribution ?? null,
    livepatches: host.livepatches,
    livepatchModules: host.livepatchModules,
    enabledFunctions: host.enabledFunctions,
    memory: parts.memory,
    kernelEvents: parts.kernelEvents?.slice(-KERNEL_EVENTS_MAX) ?? null,
    transition: parts.transition,
    unreadable: host.notes.unreadable,
    raw: [...host.notes.raw.slice(0, RAW_FILES_MAX - raw.length), ...raw],
  })
}

/** An empty directory means that livepatch has nothing in, not that the kernel is unpatched: other systems never show here. */
const livepatchReport = ({ livepatches, kernel }: HostReading): ProviderReport => {
  if (livepatches === null) {
    const detail =
      kernel.livepatchConfigured === false
        ? 'The kernel is built without CONFIG_LIVEPATCH.'
        : '/sys/kernel/livepatch is not there or could not be read.'
    return absentProvider('livepatch', detail)
  }
  const count = livepatches.length
  const has = count === 0 ? 'No livepatch is in.' : `${count} livepatch${count === 1 ? ' is' : 'es are'} in.`
  return providerReport('livepatch', { detail: has })
}
