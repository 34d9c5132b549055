import { architectureOf, type Capture, type CaptureSnap } from '../../agent/recorded/capture.ts'
import type { KernelFacts } from '../kernel/kernel-facts.ts'
import type { TaskPlan } from '../kernel/program.ts'
import { createSimulatedKernel, type SimulatedKernel } from '../kernel/simulated-kernel.ts'
import type { ModuleFile } from './modules.ts'

/** A recorded kernel's facts, from its release and the name of its captures' folder. */
export const factsOf = (capture: Capture, folder: string): KernelFacts =>
  simulatedFacts(capture.release, architectureOf(folder) as KernelFacts['architecture'])

/** Those of a Debian kernel of this release: `uname -r`, which begins with the upstream version. */
export const simulatedFacts = (release: string, architecture: KernelFacts['architecture']): KernelFacts => {
  const [major = 0, minor = 0] = release.split('.').map(Number)
  const since = (otherMajor: number, otherMinor: number) =>
    major > otherMajor || (major === otherMajor && minor >= otherMinor)
  return {
    release,
    architecture,
    hostName: 'recorded',
    bootId: '00000000-0000-4000-8000-000000000000',
    bootedAtMs: Date.UTC(2026, 0, 1),
    osRelease: 'ID=debian\nVERSION_ID="12"\n',
    livepatch: {
      replaceAttribute: since(6, 11),
      stackOrderAttribute: since(6, 14),
      touchedFunctions: since(6, 4),
      modversions: !since(7, 0),
      ftraceSwitch: since(7, 0) ? 'retired' : 'honoured',
      reliableStacks: true,
      switchesInCondResched: since(6, 4) && !since(6, 16),
      kicksIdle: since(5, 16),
    },
  }
}

/** The recorder's own process, whose name the kernel gives where it refuses something to it. */
export const RECORDER = 'labctl'

const forever = (kind: 'interruptible' | 'idle'): TaskPlan['program'] => [{ do: 'loop', body: [{ do: 'sleep', kind }] }]
const kernelThread = (comm: string, kind: 'interruptible' | 'idle'): TaskPlan => ({
  ...{ comm, kind: 'kernel', program: forever(kind) },
})
/** A process that sleeps in one system call, again and again. */
export const waiting = (comm: string, systemCall: string, us?: number): TaskPlan => ({
  ...{ comm, kind: 'user' },
  program: [
    {
      do: 'loop',
      body: [
        { do: 'system_call', name: systemCall, body: [{ do: 'sleep', kind: 'interruptible', ...(us && { us }) }] },
        { do: 'run', us: 500 },
      ],
    },
  ],
})

/** What a small virtual machine runs: most of it sleeps, the recorder looks every 100 ms. */
const TASKS: readonly TaskPlan[] = [
  waiting('init', 'wait4'),
  kernelThread('kthreadd', 'interruptible'),
  ...['rcu_gp', 'slub_flushwq', 'kworker/0:0-events', 'kworker/u4:0-events_unbound'].map((comm) =>
    kernelThread(comm, 'idle'),
  ),
  ...['ksoftirqd/0', 'migration/0', 'cpuhp/0', 'kauditd', 'khungtaskd', 'kswapd0'].map((comm) =>
    kernelThread(comm, 'interruptible'),
  ),
  waiting('node', 'epoll_wait', 100_000),
  ...Array.from({ length: 4 }, () => waiting('node', 'futex')),
]

/** A simulated kernel that has been up for as long as the recorded one had. */
export const kernelOf = (capture: Capture, folder: string): SimulatedKernel => {
  const line = capture.steps.find(({ content, path }) => path === '/proc/cmdline' && content?.startsWith('console='))
  const facts = factsOf(capture, folder)
  const kernel = createSimulatedKernel({
    ...{ facts, seed: 1, cpus: 2, tasks: TASKS, functions: ['cmdline_proc_show'] },
    // The machine's own command line, which only the recording knows.
    ...(line?.content !== undefined && { files: [commandLine(line.content)] }),
  })
  kernel.keepTasksRunning(true)
  kernel.advanceTo(capture.t0)
  return kernel
}

const commandLine = (text: string) => ({
  path: '/proc/cmdline',
  ...{ function: { object: 'vmlinux', name: 'cmdline_proc_show', sympos: 1 }, text },
})

/** What a module's file says of itself is known from where it was loaded: the captures hold no modules. */
export const moduleFileOf = (capture: Capture, name: string): ModuleFile => {
  const text = (value: unknown) => (typeof value === 'string' ? value.replace(/\n$/, '') : null)
  for (const snap of snapsOf(capture)) {
    const attributes = snap.sys_module[name]
    if (attributes === undefined || typeof attributes.coresize !== 'string') continue
    const { coresize, version, srcversion } = attributes
    return { sizeBytes: Number(coresize), version: text(version), srcversion: text(srcversion) }
  }
  return { sizeBytes: 12_288, version: null, srcversion: null }
}

export const snapsOf = (capture: Capture): readonly CaptureSnap[] => [...capture.snaps.values()]

/** All modules that the recorder looked at. */
export const modulesOf = (capture: Capture): readonly string[] => [
  ...new Set(snapsOf(capture).flatMap(({ sys_module: modules }) => Object.keys(modules))),
]
