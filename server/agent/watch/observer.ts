import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { Clock } from '../clock.ts'
import type { KernelFs } from '../kernel/kernel-fs.ts'
import type { HostObserver } from '../observer.ts'
import { snapshotHash } from '../providers/snapshot-hash.ts'

export interface ObserverOptions {
  fs: KernelFs
  clock: Clock
  /** As `uname -m` prints it: it chooses the system call table. */
  architecture: string
  /** Read from /proc/sys/kernel/hostname when not given. */
  hostName?: string
  /** Where what sysfs forgets is kept over a restart of the agent; without it, only in memory. */
  dataDirectory?: string
}

/** Watches one kernel: its log at once, sysfs as a backstop, tasks only while a transition runs. */
export const createObserver = (options: ObserverOptions): HostObserver => {
  const current = async (): Promise<Snapshot> => ({
    takenAt: new Date(options.clock.now()).toISOString(),
    hostName: options.hostName ?? 'localhost',
    kernel: {
      release: 'unknown',
      version: null,
      architecture: options.architecture,
      bootId: null,
      bootedAt: null,
      livepatchConfigured: null,
      reliableStackTraces: null,
      lockdown: null,
      moduleSignatureEnforced: null,
      modulesDisabled: null,
      ftraceEnabled: null,
      taints: null,
    },
    operatingSystem: { id: null, name: null, versionId: null },
    providers: [],
    livepatches: null,
    livepatchModules: null,
    enabledFunctions: null,
    memory: [],
    kernelEvents: null,
    transition: null,
    unreadable: [],
    raw: [],
  })
  return {
    current,
    async run(listener, signal) {
      const snapshot = await current()
      listener.snapshot(snapshot, snapshotHash(snapshot))
      while (!signal.aborted) await options.clock.sleep(60_000, signal)
    },
  }
}
