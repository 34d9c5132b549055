import type { KernelFacts } from '../../kernel/kernel-facts.ts'
import type { Body, TaskPlan } from '../../kernel/program.ts'
import { createSimulatedKernel, type Pending, type SimulatedKernel } from '../../kernel/simulated-kernel.ts'
import type { Task } from '../../kernel/task.ts'
import { inModule } from '../modules.ts'
import { selftestModule } from './modules.ts'
import type { SelftestDriver } from './runner.ts'
import { DYNAMIC_DEBUG, type Needs } from './scenario.ts'

/** The kernel's selftests wait as long: MAX_RETRIES of functions.sh. */
const UNTIL_US = 60_000_000
const CPUS = 2

const reading = (name: string): Body => [
  {
    do: 'system_call',
    name: 'read',
    body: [{ do: 'call', function: inModule('vmlinux', name), body: [{ do: 'run', us: 20 }] }],
  },
]
const hammering: Body = [
  {
    do: 'loop',
    body: [
      {
        ...{ do: 'system_call', name: 'umask' },
        body: [{ do: 'call', function: inModule('vmlinux', '__x64_sys_umask'), body: [{ do: 'run', us: 2 }] }],
      },
      { do: 'run', us: 50 },
    ],
  },
]
const user = (comm: string, program: Body): TaskPlan => ({ comm, kind: 'user', program })
const waiting = (comm: string, systemCall: string): TaskPlan =>
  user(comm, [{ do: 'system_call', name: systemCall, body: [{ do: 'sleep', kind: 'interruptible' }] }])

/** What the tests' shell sees of the simulated kernel. */
export class SimulatedDriver implements SelftestDriver {
  readonly #kernel: SimulatedKernel
  readonly #hammers: Task[] = []
  /** Which of them were in a patch's version. */
  readonly #reached = new Set<string>()
  #tracing = false
  #traced: string[] = []
  #logged = 0

  constructor(facts: KernelFacts, seed: number) {
    this.#kernel = createSimulatedKernel({
      ...{ facts, seed, cpus: CPUS, tasks: [waiting('init', 'wait4'), waiting('sh', 'wait4')] },
      functions: ['cmdline_proc_show', 'meminfo_proc_show', '__x64_sys_umask'],
    })
    this.#kernel.keepTasksRunning(true)
    this.#kernel.advanceTo(1_000_000)
    this.#kernel.finish(this.#kernel.writeFile('/proc/dynamic_debug/control', DYNAMIC_DEBUG))
    const { machine } = this.#kernel
    const before = machine.onTrace
    machine.onTrace = (event) => {
      before?.(event)
      if (event.kind !== 'called') return
      this.#reached.add(`${event.patch} ${event.tid}`)
      const [, name = ''] = event.function.split(',')
      if (this.#tracing) this.#traced.push(name, ...(event.patch === null ? [] : [`livepatch_${name}`]))
    }
  }

  has(needed: Needs): boolean {
    const { livepatch } = this.#kernel.facts
    if (needed === 'ftraceSwitch') return livepatch.ftraceSwitch === 'honoured'
    if (needed === 'ftraceSwitchRetired') return livepatch.ftraceSwitch === 'retired'
    return livepatch[needed]
  }

  async load(module: string, parameters: Readonly<Record<string, string>>): Promise<string | null> {
    return this.#finish(this.#kernel.finitModule(selftestModule(this.#kernel, module, parameters), parameters))
  }

  async unload(module: string): Promise<string | null> {
    return this.#finish(this.#kernel.deleteModule(module))
  }

  async write(path: string, text: string): Promise<string | null> {
    return this.#finish(this.#kernel.writeFile(path, text))
  }

  async read(path: string): Promise<string | null> {
    if (path === '/proc/cmdline' && this.#tracing) await this.#readByProcess('cmdline_proc_show')
    const result = await this.#kernel.fs().read(path)
    return result.ok ? result.value : null
  }

  async modeOf(path: string): Promise<string | null> {
    const mode = this.#kernel.modeOf(path)
    return mode === null ? null : `0${mode.toString(8)}`
  }

  async until(holds: () => Promise<boolean>): Promise<boolean> {
    const untilUs = this.#kernel.nowUs + UNTIL_US
    while (!(await holds())) {
      const nextUs = this.#kernel.nextUs()
      if (nextUs === undefined || nextUs > untilUs) return false
      this.#kernel.advanceTo(nextUs)
    }
    return true
  }

  async wait(seconds: number): Promise<void> {
    this.#kernel.advanceTo(this.#kernel.nowUs + seconds * 1_000_000)
  }

  async log(): Promise<readonly string[]> {
    const records: string[] = []
    const stop = new AbortController()
    const following = this.#kernel.fs().followKernelLog((record) => records.push(record), stop.signal)
    stop.abort()
    await following
    const fresh = records.filter((record) => Number(record.split(',')[1]) >= this.#logged)
    this.#logged += fresh.length
    return fresh.map((record) => record.slice(record.indexOf(';') + 1).trimEnd())
  }

  async trace(): Promise<void> {
    this.#tracing = true
    this.#traced = []
  }

  async traced(): Promise<readonly string[]> {
    this.#tracing = false
    return this.#traced
  }

  async startHammers(): Promise<void> {
    for (let cpu = 0; cpu < CPUS; cpu += 1) this.#hammers.push(this.#kernel.machine.spawn(user('hammer', hammering)))
    await this.wait(1)
  }

  hammerParameters(): Readonly<Record<string, string>> {
    return {}
  }

  async hammersLeft(patch: string): Promise<number> {
    return this.#hammers.filter(({ tid }) => !this.#reached.has(`${patch} ${tid}`)).length
  }

  async stopHammers(): Promise<void> {
    for (const task of this.#hammers.splice(0)) this.#kernel.machine.kill(task, 'SIGKILL')
  }

  /** A process of its own calls the function, so that its tracer sees the call. */
  async #readByProcess(name: string): Promise<void> {
    const task = this.#kernel.machine.spawn(user('cat', reading(name)))
    await this.until(async () => task.state === 'dead')
  }

  #finish(pending: Pending): string | null {
    return this.#kernel.finish(pending)
  }
}
