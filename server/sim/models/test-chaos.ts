import { mixed, Random } from '../core/random.ts'
import { Machine } from '../kernel/machine.ts'
import type { Body, SleepKind, Step, TaskPlan } from '../kernel/program.ts'
import { KGRAFT_AGES } from './assumptions/kgraft.ts'
import { KernelCare } from './kernelcare.ts'
import { Kgraft } from './kgraft.ts'
import { Kpatch } from './kpatch.ts'
import { Ksplice } from './ksplice.ts'
import { Livepatch } from './livepatch.ts'
import { LivepatchImmediate } from './livepatch-immediate.ts'
import type { ConsistencyModel, ModelPatch, System } from './model.ts'
import { call, kernelFunction, MS, run, SECOND, sleep, systemCall } from './test-rig.ts'

const [FIRST, SECOND_IN_SET, THIRD] = [kernelFunction('first'), kernelFunction('second'), kernelFunction('third')]
const IN_SET = [FIRST, SECOND_IN_SET, THIRD]
/** Some are in no patch. */
const FUNCTIONS = [FIRST, SECOND_IN_SET, THIRD, kernelFunction('fourth'), kernelFunction('fifth')] as const
const STALL = 'stall'

/** A system in one of its variants. */
const modelOf = (system: System, machine: Machine, seed: number, random: Random): ConsistencyModel => {
  if (system === 'ksplice') return new Ksplice(machine, seed)
  if (system === 'kpatch') return new Kpatch(machine, seed)
  if (system === 'kgraft') return new Kgraft(machine, seed, random.chance(0.7) ? KGRAFT_AGES.sle12 : KGRAFT_AGES.posted)
  if (system === 'livepatch_immediate') return new LivepatchImmediate(machine, seed)
  if (system === 'livepatch')
    return new Livepatch(machine, { switchesInCondResched: random.chance(0.5), kicksIdle: random.chance(0.5) })
  return new KernelCare(machine, seed, { freezer: random.pick(['none', 'full', 'smart']), force: random.chance(0.2) })
}

const SLEEPS: readonly [SleepKind, ...SleepKind[]] = ['interruptible', 'killable', 'uninterruptible']

/** Calls within calls, with waits in between. */
const bodyOf = (random: Random, busy: number, depth: number): Body => {
  const steps: Step[] = []
  for (let count = random.integer(1, 3); count > 0; count -= 1) {
    const what = random.integer(0, 9)
    if (what < 5 && depth > 0) steps.push(call(random.pick(FUNCTIONS), ...bodyOf(random, busy, depth - 1)))
    else if (what < 8)
      steps.push({ do: 'sleep', kind: random.pick(SLEEPS), us: { median: 100 * MS * busy, sigma: 1.2 } })
    else if (what === 8) steps.push({ do: 'cond_resched' }, run(random.integer(1, 3_000)))
    else steps.push(run(random.integer(1, 500)))
  }
  return steps
}

const userPlan = (random: Random, busy: number, mayFork = true): TaskPlan => {
  const body: Step[] = [{ do: 'run', us: { mean: 100 * MS } }, systemCall(...bodyOf(random, busy, 3))]
  if (random.chance(0.15)) body.push(systemCall(call(FIRST, sleep('uninterruptible', undefined, STALL))))
  if (mayFork && random.chance(0.2)) {
    const child: TaskPlan = {
      comm: 'child',
      kind: 'user',
      program: [systemCall(...bodyOf(random, busy, 2)), { do: 'exit' }],
    }
    body.push(systemCall(...bodyOf(random, busy, 1), { do: 'fork', child }, ...bodyOf(random, busy, 1)))
  }
  return { comm: 'user', kind: 'user', program: [{ do: 'loop', body }] }
}

const kernelPlan = (random: Random): TaskPlan => ({
  ...{ comm: 'kernel', kind: 'kernel' },
  program: [
    {
      do: 'loop',
      body: [
        { do: 'safe_point' },
        call(random.pick(FUNCTIONS), run(50), sleep('interruptible', random.integer(1, 20) * MS)),
        { do: 'sleep', kind: random.pick(['interruptible', 'idle']), us: { mean: 1.5 * SECOND } },
      ],
    },
  ],
})

/** A machine, a system and a patch, of which a seed decides everything; and what may befall them. */
export class Chaos {
  readonly machine: Machine
  readonly model: ConsistencyModel
  readonly #random: Random
  /** How long its tasks sleep: half the machines leave the set free most of the time. */
  readonly #busy: number
  #patches = 0

  constructor(system: System, seed: number) {
    this.#random = new Random(mixed(seed, 1))
    this.#busy = this.#random.chance(0.5) ? 0.01 : 2
    this.machine = new Machine({ seed, cpus: this.#random.integer(1, 4) })
    this.model = modelOf(system, this.machine, seed, this.#random)
    this.machine.hooks = this.model
  }

  boot(): void {
    for (let count = this.#random.integer(5, 11); count > 0; count -= 1)
      this.machine.spawn(userPlan(this.#random, this.#busy))
    for (let count = this.#random.integer(1, 3); count > 0; count -= 1) this.machine.spawn(kernelPlan(this.#random))
    this.pass(2 * SECOND)
  }

  pass(us: number): void {
    this.machine.advanceTo(this.machine.nowUs + us)
  }

  /** @returns the patch that goes in; null when the system takes none at this moment */
  apply(expect: (patch: ModelPatch) => void): void {
    this.#patches += 1
    const functions = IN_SET.slice(0, this.#random.integer(1, 3)).map((one) => ({ function: one }))
    const patch = { name: `patch_${this.#patches}`, functions }
    expect(patch)
    this.model.apply(patch)
  }

  /** For so long, something happens now and then; most of it soon, while a change begins. */
  strike(us: number): void {
    const untilUs = this.machine.nowUs + us
    while (this.machine.nowUs < untilUs) {
      this.pass(this.#random.span({ mean: this.#random.chance(0.6) ? MS : 500 * MS }))
      this.#fault()
    }
  }

  /** All that is held is let go, and nobody but kernel threads is left. */
  calm(): void {
    for (let round = 0; round < 8; round += 1) {
      this.machine.signalEvent(STALL)
      for (const task of [...this.machine.tasks.values()]) this.machine.kill(task, 'SIGKILL')
      this.pass(5 * SECOND)
    }
  }

  /** A task that calls all functions of the set once. */
  probe(): void {
    const calls = IN_SET.map((one) => call(one, run(1)))
    this.machine.spawn({ comm: 'probe', kind: 'user', program: [systemCall(...calls), { do: 'exit' }] })
    this.pass(SECOND)
  }

  #fault(): void {
    const { machine, model } = this
    const random = this.#random
    const task = random.pick([...machine.tasks.values()])
    const what = random.integer(0, 19)
    if (what < 5 && task) machine.interrupt(task)
    else if (what < 6 && task) machine.kill(task, random.chance(0.5) ? 'SIGKILL' : 'SIGTERM')
    else if (what < 8 && task?.kind === 'user') machine.spawn(userPlan(random, this.#busy, false), { parent: task })
    else if (what < 9) machine.spawn(random.chance(0.7) ? userPlan(random, this.#busy) : kernelPlan(random))
    else if (what < 11) machine.signalEvent(STALL)
    else if (what < 15) {
      const cpu = random.integer(0, machine.cpus.length - 1)
      machine.interruptCall(cpu, random.pick(FUNCTIONS), { nmi: random.chance(0.3) })
    } else if (what < 16 && random.chance(0.5)) model.force?.()
    else if (what < 17) model.reverse()
  }
}
