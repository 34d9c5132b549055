import { type DistributionFacts, ProviderReport } from '@rebootless/shared/contract/provider.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { BlockingTaskFacts, TransitionSample } from '@rebootless/shared/contract/transition.ts'

/** Set by whatever of the corpus comes to run. */
export const RAN = 'hostileRan'

/** What anyone who chooses a process name, or root on one host, may write into what others read (threat-model T04). */
export const CORPUS = [
  `<script>window.${RAN}=1</script>`,
  `"><img src=x onerror=window.${RAN}=1>`,
  `'><svg/onload=window.${RAN}=1>`,
  `javascript:window.${RAN}=1`,
  '\u001b[31;1mred\u001b]0;title\u0007\u009b2J',
  'user\u202etxt.exe\u202c \u2066inner\u2069 \u200f\u200b\ufeff',
  'nul\u0000after\u0001\u007f\r\n\tnext',
  '../../../../etc/passwd',
  '=HYPERLINK("https://evil.example","x")',
  '+cmd|"/C calc"!A0',
  'مرحبا بالعالم שלום עולם',
  `Z\u0323\u0324\u0325\u0326\u0327\u0328\u0329\u032a${'\u0300'.repeat(40)}algo`,
  '\ud800 lone \u{e0041}\u{10fffd}\u2028\u2029',
  'W'.repeat(400),
] as const

/** As much of the corpus as fits, for fields of which a host has only one. */
export const everything = (charactersMax: number): string =>
  [4, 5, 1, 6, 0]
    .map((index) => CORPUS[index])
    .join('')
    .slice(0, charactersMax)

export interface Hostile {
  readonly name: string
  snapshot(now: string): Snapshot
}

/** A host that writes all of the corpus, `all`, or nothing but letters that never break, `long`. */
export const hostile = (kind: 'all' | 'long'): Hostile => {
  const one = (charactersMax: number) => (kind === 'all' ? everything(charactersMax) : 'M'.repeat(charactersMax))
  const name = kind === 'all' ? everything(255) : 'M'.repeat(255)
  return { name, snapshot: (now) => snapshotOf(one, name, now) }
}

const cut = (text: string, charactersMax: number) => text.slice(0, charactersMax)

const snapshotOf = (one: (charactersMax: number) => string, hostName: string, now: string): Snapshot => {
  const names = CORPUS.map((text, index) => cut(`${index}${text}`, 64))
  const [running = ''] = names
  const transition = sampleOf(running, one, now)
  const functions = CORPUS.map((text, index) => ({ name: cut(text, 512), sympos: index + 1 }))
  return {
    takenAt: now,
    hostName,
    kernel: {
      release: one(128),
      version: one(256),
      architecture: one(32),
      bootId: one(64),
      bootedAt: now,
      livepatchConfigured: true,
      reliableStackTraces: true,
      lockdown: one(32),
      moduleSignatureEnforced: true,
      modulesDisabled: false,
      ftraceEnabled: true,
      taints: ['\u202e', '<', '\u001b'].map((letter, bit) => ({ bit, letter, meaning: one(200) })),
    },
    operatingSystem: { id: one(64), name: one(128), versionId: one(64) },
    providers: [providerOf(one)],
    distribution: distributionOf(one),
    livepatches: names.map((name, index) => ({
      name,
      enabled: true,
      transition: name === running,
      replace: false,
      stackOrder: index + 1,
      // The first patch has every function; the others one each, or the map would be too large to be looked at.
      objects: [{ name, patched: true, functions: index === 0 ? functions : functions.slice(index, index + 1) }],
      unknownAttributes: [one(64)],
    })),
    livepatchModules: names.map((name) => ({
      name,
      version: one(128),
      srcversion: one(64),
      refcnt: 1,
      taint: one(32),
      sizeBytes: 1,
    })),
    enabledFunctions: CORPUS.map((text) => ({
      name: cut(text, 512),
      module: cut(text, 64),
      count: 1,
      ipModify: true,
      line: cut(text, 512),
    })),
    memory: names.map((name, index) => ({
      name,
      enabledOrder: index,
      enabledAt: now,
      transitionStartedAt: name === running ? now : null,
      direction: name === running ? ('patching' as const) : null,
      reversed: false,
      signalledAt: now,
      completedAt: now,
      forcedAt: null,
      disabledAt: null,
      supersededBy: one(64),
      noops: [one(700)],
      replacements: [one(700)],
    })),
    kernelEvents: CORPUS.map((text, sequence) => ({
      sequence,
      at: now,
      kind: 'object_applied' as const,
      patch: cut(text, 64),
      direction: null,
      object: cut(text, 64),
      text: cut(text, 512),
    })),
    transition,
    unreadable: CORPUS.map((text) => ({ path: cut(text, 256), errno: 'EACCES', consequence: cut(text, 300) })),
    raw: [
      ...CORPUS.map((text, index) => ({
        path: cut(`${index}${text}`, 256),
        content: text.repeat(8),
        errno: null,
        truncated: false,
      })),
      { path: one(256), content: one(2000), errno: null, truncated: true, provider: one(32), exitCode: 1 },
    ],
  }
}

/** A report with every field that is text, and every list that holds text. */
const providerOf = (one: (charactersMax: number) => string): ProviderReport =>
  ProviderReport.parse({
    name: one(32),
    present: true,
    detail: one(300),
    version: one(64),
    active: true,
    effectiveKernel: one(128),
    coverage: 'supported',
    accessDetail: one(300),
    patches: (['kernel', 'user_space'] as const).map((target) => ({
      ...{ id: one(128), name: one(300), version: one(64), target, state: 'applied', stateText: one(64) },
      ...{
        cves: ['CVE-2026-1234567890123456789'],
        livepatch: target === 'kernel' ? null : one(64),
        atNextBoot: true,
        protects: false,
        withdrawn: true,
      },
      objects: [{ name: one(64), patched: true, functions: [{ name: one(512), sympos: 2 }] }],
    })),
    steps: [{ action: 'remove', id: one(128), name: one(300), cves: [] }],
    reboot: 'yes',
    rebootReason: one(300),
    blockers: [{ pid: 1, tid: 2, comm: one(64), stack: [one(512)] }],
    settings: [{ name: one(64), value: one(200) }],
    troubles: [{ source: one(256), code: 1, text: one(1000) }],
  })

const distributionOf = (one: (charactersMax: number) => string): DistributionFacts => ({
  installedKernels: [one(128)],
  newestInstalled: one(128),
  newestKnown: one(128),
  rebootRequired: true,
  rebootPackages: [one(128)],
  livepatchPackages: [one(200)],
  offer: one(300),
})

const sampleOf = (patch: string, one: (charactersMax: number) => string, now: string): TransitionSample => ({
  patch,
  target: 'patching',
  startedAt: now,
  sampledAt: now,
  tasksTotal: 100,
  tasksRemaining: CORPUS.length,
  signalledAt: null,
  forcedAt: null,
  blocking: CORPUS.map(
    (text, index): BlockingTaskFacts => ({
      pid: index + 1,
      tid: index + 1,
      comm: cut(text, 64),
      kernelThread: false,
      state: text.slice(0, 1),
      wchan: cut(text, 512),
      systemCall: cut(text, 64),
      stack: CORPUS.map((frame) => ({
        function: cut(frame, 512),
        offset: cut(frame, 32),
        module: cut(frame, 64),
        held: true,
      })),
      cgroup: cut(text, 1024),
      unit: index % 2 === 0 ? cut(text, 256) : null,
      container: index % 2 === 0 ? null : one(128),
      since: now,
    }),
  ),
  blockingTotal: CORPUS.length,
  tasksUnreadable: 0,
})
