import type { LivepatchFact } from '../livepatch/environment.ts'
import type { KernelFacts, LivepatchFeatures } from './kernel-facts.ts'
import type { LivepatchCallbacks, LivepatchImage, ModuleImage } from './module-image.ts'
import type { Body, KernelFunction, SleepKind, TaskPlan } from './program.ts'
import { createSimulatedKernel, type SimulatedKernel, type SimulatedKernelOptions } from './simulated-kernel.ts'
import type { Task } from './task.ts'

export const MS = 1_000
export const SECOND_US = 1_000_000

/** As 7.3 has them. */
export const FEATURES: LivepatchFeatures = {
  ...{ replaceAttribute: true, stackOrderAttribute: true, touchedFunctions: true, modversions: false },
  ...{ ftraceSwitch: 'retired', reliableStacks: true, switchesInCondResched: false, kicksIdle: true },
}

export const facts = (features: Partial<LivepatchFeatures> = {}, more: Partial<KernelFacts> = {}): KernelFacts => ({
  ...{ release: '7.3.4', architecture: 'x86_64', hostName: 'host-1', bootId: '4f6b2f6e-0000-4000-8000-000000000001' },
  ...{ bootedAtMs: 1_767_225_600_000, osRelease: 'ID=debian\nPRETTY_NAME="Debian GNU/Linux 13"\nVERSION_ID="13"\n' },
  livepatch: { ...FEATURES, ...features },
  ...more,
})

const inKernel = (...body: Body): Body => [{ do: 'loop', body: [{ do: 'system_call', name: 'nanosleep', body }] }]
const idles: TaskPlan = { comm: 'init', kind: 'user', program: inKernel({ do: 'sleep', kind: 'interruptible' }) }
const worker: TaskPlan = {
  ...{ comm: 'kworker/0:1', kind: 'kernel' },
  program: [{ do: 'loop', body: [{ do: 'sleep', kind: 'idle', us: { mean: 300 * MS } }] }],
}

export const target: KernelFunction = { object: 'lptarget', name: 'lpt_wait', sympos: 1 }

export const TARGET_MODULE: ModuleImage = {
  ...{ name: 'lptarget', sizeBytes: 16_384, version: '1.0', srcversion: 'F691DE00038393699236D28', signed: false },
  ...{ functions: ['lpt_dup', 'lpt_dup', 'lpt_wait'], parameters: {} },
}

/** A task that goes into `lpt_wait` at once, and sleeps there until the event `release`. */
export const sleeper = (kind: SleepKind, more: Partial<TaskPlan> = {}): TaskPlan => {
  const call: Body = [{ do: 'call', function: target, body: [{ do: 'sleep', kind, event: 'release' }] }]
  return {
    ...{ comm: 'db-writer', kind: 'user', cgroup: '/system.slice/db-writer.service' },
    program: [{ do: 'system_call', name: 'read', body: call }],
    ...more,
  }
}

export interface PatchOptions extends Partial<Pick<LivepatchImage, 'replace' | 'states' | 'marked'>> {
  object?: string
  name?: string
  sympos?: number
  text?: string
  body?: Body
  callbacks?: LivepatchCallbacks
  module?: Partial<ModuleImage>
}

/** A livepatch of one function; of cmdline_proc_show unless said otherwise. */
export const livepatch = (
  moduleName: string,
  { object = 'vmlinux', name = 'cmdline_proc_show', sympos = 0, text, body, callbacks, ...rest }: PatchOptions = {},
): ModuleImage => ({
  ...{ name: moduleName, sizeBytes: 12_288, version: '1.0', srcversion: 'DB3CE9312001A8E4C892A22', signed: false },
  ...{ functions: [], parameters: { hold: '0' } },
  livepatch: {
    ...{ marked: rest.marked ?? true, replace: rest.replace ?? false, states: rest.states ?? [] },
    objects: [
      {
        name: object,
        functions: [{ name, sympos, ...(text !== undefined && { text }), ...(body && { body }) }],
        ...(callbacks && { callbacks }),
      },
    ],
  },
  ...rest.module,
})

export interface UnderTest {
  readonly kernel: SimulatedKernel
  readonly facts: LivepatchFact[]
  /** What a file holds, or the errno's name. */
  read(path: string, uid?: number): Promise<string>
  names(path: string): Promise<string>
  /** Texts of the log since the last question. */
  said(): Promise<string[]>
  /** `enabled` and `transition` of a patch as they change, with how many tasks are at each state. */
  states(patch: string, untilUs: number): Promise<string[]>
  load(image: ModuleImage, parameters?: Record<string, string>): string | null
  unload(name: string): string | null
  write(path: string, text: string, uid?: number): string | null
  pass(us: number): void
  spawn(plan: TaskPlan): Task
}

/** A kernel in which tasks always run, with time gone by so that each is where its program has it. */
export const kernelUnderTest = (
  options: Partial<Pick<SimulatedKernelOptions, 'facts' | 'seed' | 'cpus' | 'tasks' | 'isStackReliable'>> = {},
): UnderTest => {
  const seen: LivepatchFact[] = []
  const kernel = createSimulatedKernel({
    ...{ facts: options.facts ?? facts(), seed: options.seed ?? 1, cpus: options.cpus ?? 2 },
    tasks: [idles, worker, ...(options.tasks ?? [])],
    functions: ['cmdline_proc_show', 'meminfo_proc_show', 'version_proc_show'],
    onFact: (fact) => seen.push(fact),
    ...(options.isStackReliable && { isStackReliable: options.isStackReliable }),
  })
  kernel.keepTasksRunning(true)
  const start = 5 * SECOND_US
  kernel.advanceTo(start)
  let heard = 0
  const records = async (): Promise<string[]> => {
    const all: string[] = []
    const stop = new AbortController()
    const following = kernel.fs().followKernelLog((record) => all.push(record), stop.signal)
    stop.abort()
    await following
    return all
  }
  const read = async (path: string, uid = 0) => {
    const result = await kernel.fs(uid).read(path)
    return result.ok ? result.value : result.errno
  }
  return {
    ...{ kernel, facts: seen, read },
    async names(path) {
      const result = await kernel.fs().list(path)
      return result.ok
        ? result.value.map(({ name, directory }) => (directory ? `${name}/` : name)).join(' ')
        : result.errno
    },
    async said() {
      const all = await records()
      const texts = all.slice(heard).map((record) => record.slice(record.indexOf(';') + 1).trimEnd())
      heard = all.length
      return texts
    },
    async states(patch, untilUs) {
      const states: string[] = []
      const note = async () => {
        const [enabled, transition] = await Promise.all(
          ['enabled', 'transition'].map((name) => read(`/sys/kernel/livepatch/${patch}/${name}`)),
        )
        const tasks = [...kernel.machine.tasks.values()].map(({ patchState }) => patchState)
        const counts = [-1, 0, 1].map((state) => tasks.filter((each) => each === state).length).join('/')
        const line = `${enabled?.trim()} ${transition?.trim()} ${counts}`
        if (states.at(-1) !== line) states.push(line)
      }
      await note()
      for (let next = kernel.nextUs(); next !== undefined && next <= untilUs; next = kernel.nextUs()) {
        kernel.advanceTo(next)
        await note()
      }
      return states
    },
    load: (image, parameters) => kernel.finish(kernel.finitModule(image, parameters)),
    unload: (name) => kernel.finish(kernel.deleteModule(name)),
    write: (path, text, uid) => kernel.finish(kernel.writeFile(path, text, uid === undefined ? {} : { uid })),
    pass: (us) => kernel.advanceTo(kernel.nowUs + us),
    spawn: (plan) => {
      const task = kernel.machine.spawn(plan)
      kernel.advanceTo(kernel.nowUs + 100 * MS)
      return task
    },
  }
}
