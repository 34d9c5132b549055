import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'

/** A kernel without livepatches: about the least that a host can say of itself. */
export const bareSnapshot = (hostName: string): Snapshot => ({
  ...{ takenAt: new Date().toISOString(), hostName },
  kernel: {
    ...{ release: '6.12.1', version: null, architecture: 'x86_64', bootId: `boot of ${hostName}`, bootedAt: null },
    ...{ livepatchConfigured: true, reliableStackTraces: true, lockdown: null, moduleSignatureEnforced: null },
    ...{ modulesDisabled: null, ftraceEnabled: null, taints: null },
  },
  operatingSystem: { id: null, name: null, versionId: null },
  ...{ distribution: null, providers: [], livepatches: [], livepatchModules: [], enabledFunctions: null, memory: [] },
  ...{ kernelEvents: null, transition: null, unreadable: [], raw: [] },
})
