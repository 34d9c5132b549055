import type {
  Heartbeat,
  Hello,
  KernelReadingsMessage,
  SnapshotMessage,
  TransitionMessage,
} from '@rebootless/shared/contract/agent-message.ts'
import { HEARTBEAT_INTERVAL_MS, PROTOCOL_VERSION } from '@rebootless/shared/contract/agent-message.ts'
import type { KernelIncident, KernelReadings } from '@rebootless/shared/contract/kernel-readings.ts'
import type { PatchMemory } from '@rebootless/shared/contract/patch-memory.ts'
import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { TaskLook } from '@rebootless/shared/contract/task-look.ts'
import type { BlockingTaskFacts, TransitionSample } from '@rebootless/shared/contract/transition.ts'
import { providerReport } from '@rebootless/shared/domain/provider-report.ts'

/** Tests date everything from here. */
export const START = Date.parse('2026-11-24T12:00:00.000Z')
export const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString()

type Order = { epoch: number; sequence: number; sentAt?: string }
const order = ({ epoch, sequence, sentAt }: Order) => ({
  epoch,
  sequence,
  sentAt: sentAt ?? at((sequence * HEARTBEAT_INTERVAL_MS) / 10_000),
})

export const hello = (when: Order, fields: Partial<Hello> = {}): Hello => ({
  type: 'hello',
  ...order(when),
  protocol: PROTOCOL_VERSION,
  agentVersion: '0.1.0',
  hostName: 'web-01',
  hostClass: 'observe',
  origin: 'agent',
  bootId: 'boot-1',
  ...fields,
})

export const hashOf = (mark: number | string): string =>
  String(mark)
    .padStart(64, '0')
    .slice(-64)
    .replace(/[^0-9a-f]/g, 'a')

export const patchMemory = (name: string, fields: Partial<PatchMemory> = {}): PatchMemory => ({
  name,
  enabledOrder: 1,
  enabledAt: at(0),
  transitionStartedAt: null,
  direction: null,
  reversed: false,
  signalledAt: null,
  completedAt: at(2),
  forcedAt: null,
  disabledAt: null,
  supersededBy: null,
  noops: [],
  replacements: [],
  ...fields,
})

/** A tool that keeps its code outside livepatch and has one patch in. */
export const kernelCareReport = (fields: Partial<ProviderReport> = {}): ProviderReport =>
  providerReport('kernelcare', {
    ...{ detail: 'Patch level 11 is applied.', version: '2.77', active: true, coverage: 'supported', access: 'ok' },
    effectiveKernel: '6.12.9-1.el10',
    patches: [
      {
        ...{ id: '11-default', name: 'KernelCare level 11', version: '11', target: 'kernel', state: 'applied' },
        ...{ stateText: null, cves: ['CVE-2024-1086', 'CVE-2023-6270'], livepatch: null, atNextBoot: true },
        ...{ protects: true, withdrawn: false },
      },
    ],
    ...fields,
  })

/** A host whose one patch is in effect. */
export const patchedSnapshot = (fields: Partial<Snapshot> = {}): Snapshot => ({
  takenAt: at(10),
  hostName: 'web-01',
  kernel: {
    release: '6.12.1-amd64',
    version: '#1 SMP',
    architecture: 'x86_64',
    bootId: 'boot-1',
    bootedAt: at(-1000),
    livepatchConfigured: true,
    reliableStackTraces: true,
    lockdown: 'none',
    moduleSignatureEnforced: false,
    modulesDisabled: false,
    ftraceEnabled: true,
    taints: [],
  },
  operatingSystem: { id: 'debian', name: 'Debian GNU/Linux 13', versionId: '13' },
  providers: [providerReport('livepatch', { detail: 'found' })],
  distribution: null,
  livepatches: [
    {
      name: 'lp_fix',
      enabled: true,
      transition: false,
      replace: false,
      stackOrder: 1,
      objects: [{ name: 'vmlinux', patched: true, functions: [{ name: 'do_fix', sympos: 1 }] }],
      unknownAttributes: [],
    },
  ],
  livepatchModules: [{ name: 'lp_fix', version: null, srcversion: 'ABC', refcnt: 1, taint: 'OK', sizeBytes: 4096 }],
  enabledFunctions: [{ name: 'do_fix', module: null, count: 1, ipModify: true, line: 'do_fix (1) R I' }],
  memory: [patchMemory('lp_fix')],
  kernelEvents: [],
  transition: null,
  unreadable: [],
  raw: [{ path: '/sys/kernel/livepatch/lp_fix/enabled', content: '1\n', errno: null, truncated: false }],
  ...fields,
})

/** The same host while its patch is on the way in. */
export const patchingSnapshot = (sample: TransitionSample, fields: Partial<Snapshot> = {}): Snapshot => {
  const patched = patchedSnapshot()
  return {
    ...patched,
    livepatches: (patched.livepatches ?? []).map((patch) => ({ ...patch, name: sample.patch, transition: true })),
    memory: [
      patchMemory(sample.patch, {
        transitionStartedAt: sample.startedAt,
        direction: sample.target,
        completedAt: null,
      }),
    ],
    transition: sample,
    ...fields,
  }
}

export const blockingTask = (fields: Partial<BlockingTaskFacts> = {}): BlockingTaskFacts => ({
  pid: 4711,
  tid: 4711,
  comm: 'sleeper',
  kernelThread: false,
  state: 'D',
  wchan: 'do_fix',
  systemCall: 'ioctl',
  stack: [{ function: 'do_fix', offset: '0x1/0x2', module: null, held: true }],
  cgroup: null,
  unit: 'sleeper.service',
  container: null,
  since: at(5),
  ...fields,
})

export const sample = (fields: Partial<TransitionSample> = {}): TransitionSample => ({
  patch: 'lp_fix',
  target: 'patching',
  startedAt: at(0),
  sampledAt: at(1),
  tasksTotal: 100,
  tasksRemaining: 10,
  signalledAt: null,
  forcedAt: null,
  blocking: [],
  blockingTotal: 0,
  tasksUnreadable: 0,
  ...fields,
})

export const stalledSample = (fields: Partial<TransitionSample> = {}): TransitionSample =>
  sample({ sampledAt: at(8), tasksRemaining: 1, blocking: [blockingTask()], blockingTotal: 1, ...fields })

export const snapshotMessage = (when: Order, snapshot: Snapshot = patchedSnapshot()): SnapshotMessage => ({
  type: 'snapshot',
  ...order(when),
  hash: hashOf(when.epoch * 1000 + when.sequence),
  snapshot,
})

export const heartbeat = (when: Order, snapshotHash: string): Heartbeat => ({
  type: 'heartbeat',
  ...order(when),
  snapshotHash,
})

export const transitionMessage = (when: Order, reading: TransitionSample | null): TransitionMessage => ({
  type: 'transition',
  ...order(when),
  sample: reading,
})

export const kernelIncident = (sequence: number, fields: Partial<KernelIncident> = {}): KernelIncident => ({
  ...{ sequence, at: at(sequence), kind: 'warning', text: 'WARNING: CPU: 0 PID: 1 at kernel/fix.c:12 do_fix+0x1/0x2' },
  ...{ function: 'do_fix', patched: null },
  ...fields,
})

/** Of a kernel whose log was followed since its boot and tells nothing bad. */
export const kernelReadings = (fields: Partial<KernelReadings> = {}): KernelReadings => ({
  ...{ readAt: at(10), bootId: 'boot-1', load: [0.5, 0.4, 0.3] },
  log: {
    ...{ errno: null, completeSince: at(-1000), lost: 0, incidents: [] },
    counts: {
      ...{ oops: 0, bug: 0, warning: 0, lockup: 0 },
      ...{ 'rcu stall': 0, 'hung task': 0, 'sanitizer report': 0 },
    },
  },
  pressure: { errno: null, cpu: pressure(1_000_000), memory: pressure(0), io: pressure(2_000_000) },
  ...fields,
})

const pressure = (total: number) => ({ avg10: 1, avg60: 1, avg300: 1, total })

export const taskLook = (fields: Partial<TaskLook> = {}): TaskLook => ({
  ...{ id: 'a'.repeat(64), lookedAt: '2026-11-25T00:00:00.000Z', tasksTotal: 340, tasksRead: 312, errno: null },
  ...{ sleeping: [], sleepingTotal: 0, counts: [], ...fields },
})

export const kernelReadingsMessage = (
  when: Order,
  readings: KernelReadings = kernelReadings(),
): KernelReadingsMessage => ({
  type: 'kernel_readings',
  ...order(when),
  readings,
})
