import type { Livepatch } from '../contract/kernel.ts'
import type { DistributionFacts, ProviderPatch, ProviderReport } from '../contract/provider.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import type { TransitionSample } from '../contract/transition.ts'
import { providerReport } from './provider-report.ts'
import type { ProviderName } from './words.ts'

/** Tests date everything from here. */
export const AT = '2026-01-01T00:00:00.000Z'
export const RELEASE = '5.14.0-427.13.1.el9_4.x86_64'

export const testLivepatch = (name: string, state: Partial<Livepatch> = {}): Livepatch => ({
  ...{ name, enabled: true, transition: false, replace: false, stackOrder: null, unknownAttributes: [] },
  objects: [{ name: 'vmlinux', patched: true, functions: [{ name: 'f', sympos: 1 }] }],
  ...state,
})

/** A host that is read and has nothing. */
export const testSnapshot = (parts: Partial<Snapshot> = {}): Snapshot => ({
  ...{ takenAt: '2026-01-01T00:01:00.000Z', hostName: 'h', livepatches: [], livepatchModules: [] },
  providers: [],
  kernel: {
    ...{
      release: RELEASE,
      version: null,
      architecture: 'x86_64',
      bootId: 'b',
      bootedAt: AT,
      livepatchConfigured: true,
    },
    ...{ reliableStackTraces: null, lockdown: null, moduleSignatureEnforced: null, modulesDisabled: null },
    ...{ ftraceEnabled: null, taints: null },
  },
  operatingSystem: { id: null, name: null, versionId: null },
  distribution: null,
  ...{ enabledFunctions: null, memory: [], kernelEvents: [], transition: null, unreadable: [], raw: [] },
  ...parts,
})

/** A kernel without livepatch, as Ksplice and KernelCare often patch. */
export const withoutLivepatch = (parts: Partial<Snapshot> = {}): Snapshot => {
  const { kernel } = testSnapshot()
  const unreadable = [{ path: '/sys/kernel/livepatch', errno: 'ENOENT', consequence: '' }]
  return testSnapshot({
    ...{ livepatches: null, livepatchModules: null, kernel: { ...kernel, livepatchConfigured: false }, unreadable },
    ...parts,
  })
}

export const testPatch = (id: string, parts: Partial<ProviderPatch> = {}): ProviderPatch => ({
  ...{ id, name: id, version: null, target: 'kernel', state: 'applied', stateText: null, cves: [], livepatch: null },
  ...{ atNextBoot: null, protects: true, withdrawn: false },
  ...parts,
})

/** The same, of a system whose patches are livepatch modules. */
export const livepatchOf = (name: string, parts: Partial<ProviderPatch> = {}): ProviderPatch =>
  testPatch(name, { livepatch: name, ...parts })

export const testReport = (name: ProviderName, parts: Partial<ProviderReport> = {}): ProviderReport =>
  providerReport(name, { detail: `${name} is here.`, active: true, ...parts })

export const testDistribution = (parts: Partial<DistributionFacts> = {}): DistributionFacts => ({
  ...{ installedKernels: null, newestInstalled: null, newestKnown: null, rebootRequired: null, rebootPackages: [] },
  ...{ livepatchPackages: null, offer: null },
  ...parts,
})

export const testSample = (parts: Partial<TransitionSample> = {}): TransitionSample => ({
  ...{ patch: 'a', target: 'patching', startedAt: AT, sampledAt: AT, tasksTotal: 100, tasksRemaining: 25 },
  ...{ signalledAt: null, forcedAt: null, blocking: [], blockingTotal: 0, tasksUnreadable: 0 },
  ...parts,
})
