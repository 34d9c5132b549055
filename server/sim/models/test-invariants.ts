import type { Machine } from '../kernel/machine.ts'
import { type FunctionKey, functionKey } from '../kernel/program.ts'
import type { Task } from '../kernel/task.ts'
import type { TraceEvent } from '../kernel/trace.ts'
import type { ConsistencyModel, ModelEvent, ModelPatch, System } from './model.ts'

/** Systems by which a task must not have two versions of the set on its stack. */
const LEAVES_PATCHED_SET: ReadonlySet<System> = new Set(['ksplice', 'kpatch', 'livepatch', 'kernelcare'])
const ATTEMPTS_MAX: Partial<Record<System, number>> = { ksplice: 5, kpatch: 5 }

type Called = Extract<TraceEvent, { kind: 'called' }>

/**
 * Watches a machine and its system from the outside: what must hold at every step, whatever is done to them. What does
 * not is written down in words.
 */
export class Invariants {
  readonly broken: string[] = []
  /** Calls that met another version of the set on the task's stack; without consistency they are no fault. */
  mixes = 0
  readonly #machine: Machine
  readonly #model: ConsistencyModel
  #patch: ModelPatch | null = null
  readonly #changed = new Set<FunctionKey>()
  #stopped = false
  #frozen: ReadonlySet<number> = new Set()
  /** Forced over with old code on their stacks; each until it has left it. */
  readonly #forced = new Set<number>()
  /** kGraft: the version that each task has reached since it last went over, or entered the kernel. */
  readonly #reachedBy = new Map<number, string | null>()
  /** What a function led to when it was last called, by systems that know no tasks. */
  readonly #lastOf = new Map<FunctionKey, string | null>()
  #direction: 'patching' | 'unpatching' = 'patching'
  #turned = false
  readonly #switched = new Set<number>()
  readonly #startedWith = new Set<number>()
  #attempts = 0
  #lastUs = 0

  constructor(machine: Machine, model: ConsistencyModel) {
    this.#machine = machine
    this.#model = model
    machine.onTrace = (event) => this.#onTrace(event)
    model.onEvent = (event) => this.#onEvent(event)
  }

  /** To be said before the patch is applied. */
  expect(patch: ModelPatch): void {
    this.#patch = patch
    this.#changed.clear()
    for (const { function: of } of patch.functions) this.#changed.add(functionKey(of))
  }

  /** Nothing of the system may be left when it has taken out what it brought. */
  expectAtRest(): void {
    if (this.#model.status !== 'at_rest') this.#breaks(`status ${this.#model.status}, not at rest`)
    for (const task of this.#machine.tasks.values()) {
      const { tid, patchState, patchPending, parkedBy } = task
      if (patchState !== -1 || patchPending || parkedBy !== null)
        this.#breaks(`task ${tid} keeps a mark: ${patchState} ${patchPending} ${parkedBy}`)
      if (this.#model.universeOf(tid) === 'new') this.#breaks(`task ${tid} is still in the new universe`)
    }
  }

  #onTrace(event: TraceEvent): void {
    if (event.atUs < this.#lastUs) this.#breaks('time goes backwards')
    this.#lastUs = event.atUs
    if (event.kind === 'stopped' || event.kind === 'resumed') this.#stopped = event.kind === 'stopped'
    else if (this.#stopped && isActivity(event)) this.#breaks(`${event.kind} while the machine stands`)
    if ('tid' in event && this.#frozen.has(event.tid) && isActivity(event)) this.#breaks(`${event.kind} while frozen`)
    if (event.kind === 'called') this.#onCalled(event)
    else if (event.kind === 'called_in_interrupt') this.#onInterrupt(event)
    else if (event.kind === 'entered_kernel' || event.kind === 'left_kernel') this.#reachedBy.delete(event.tid)
  }

  #onCalled(event: Called): void {
    const task = this.#machine.tasks.get(event.tid)
    if (task === undefined) {
      this.#breaks('a call by nobody')
      return
    }
    if (!this.#changed.has(event.function)) {
      if (event.patch !== null) this.#breaks(`${event.function} is not in the patch and leads to ${event.patch}`)
      return
    }
    this.#isTopOfUniverse(event.tid, event.function, event.patch)
    const others = task.frames.flatMap(({ call }) =>
      call && this.#changed.has(call.code.function) ? [call.code.patch] : [],
    )
    if (others.length === 0) this.#forced.delete(event.tid)
    const mixed = others.some((patch) => patch !== event.patch)
    if (mixed) this.mixes += 1
    if (mixed && LEAVES_PATCHED_SET.has(this.#model.system) && !this.#forced.has(event.tid))
      this.#breaks(`task ${event.tid} called ${event.function} of ${event.patch} from ${others.join(' ')}`)
    if (this.#model.system === 'kgraft') this.#isOneWorld(task, event)
  }

  /** The version that a call reaches is the newest of the task's universe. */
  #isTopOfUniverse(tid: number, key: FunctionKey, patch: string | null): void {
    const universe = this.#model.universeOf(tid)
    const newest = this.#patch?.name ?? null
    if (universe !== null) {
      if (patch !== (universe === 'new' ? newest : null)) this.#breaks(`task ${tid}, ${universe}: ${key} is ${patch}`)
      return
    }
    const last = this.#lastOf.get(key)
    const { status } = this.#model
    const isBack = this.#direction === 'patching' ? last === newest && patch === null : last === null && patch !== null
    const isWrong = (status === 'applied' && patch !== newest) || (status === 'at_rest' && patch !== null)
    if (isWrong || (status === 'in_progress' && isBack)) this.#breaks(`${key} went back to ${patch}`)
    this.#lastOf.set(key, patch)
  }

  /** Between two safe points a thread reaches one version only. */
  #isOneWorld(task: Task, { function: key, patch }: Called): void {
    const earlier = this.#reachedBy.get(task.tid)
    if (earlier !== undefined && earlier !== patch && !this.#forced.has(task.tid))
      this.#breaks(`task ${task.tid} reached ${key} of ${patch} after ${earlier} in one stay`)
    this.#reachedBy.set(task.tid, patch)
  }

  #onInterrupt({ tid, cpu, function: key, patch }: Extract<TraceEvent, { kind: 'called_in_interrupt' }>): void {
    if (!this.#changed.has(key) || this.#model.universeOf(tid) === null || tid === 0) return
    if (this.#model.system === 'kgraft') return
    const newest = this.#patch?.name ?? null
    if (patch !== (this.#model.universeOf(tid) === 'new' ? newest : null))
      this.#breaks(`an interrupt on CPU ${cpu} in task ${tid} reached ${key} of ${patch}`)
  }

  #onEvent(event: ModelEvent): void {
    if (event.kind === 'started') this.#onStarted(event.direction)
    else if (event.kind === 'attempt') this.#onAttempt(event.number)
    else if (event.kind === 'frozen') this.#frozen = new Set(event.tids)
    else if (event.kind === 'thawed') this.#frozen = new Set()
    else if (event.kind === 'forced') for (const tid of this.#machine.tasks.keys()) this.#forced.add(tid)
    else if (event.kind === 'switched') this.#onSwitched(event.tid)
    else if (event.kind === 'completed') this.#onCompleted()
    else if (event.kind === 'gave_up' && this.#switched.size > 0) this.#breaks('gave up after some went over')
  }

  #onStarted(direction: 'patching' | 'unpatching'): void {
    this.#turned = this.#startedWith.size > 0
    this.#direction = direction
    this.#attempts = 0
    this.#lastOf.clear()
    this.#switched.clear()
    for (const tid of this.#machine.tasks.keys()) this.#startedWith.add(tid)
  }

  #onAttempt(number: number): void {
    this.#attempts += 1
    if (number !== this.#attempts) this.#breaks(`attempt ${number} is the ${this.#attempts}th`)
    if (number > (ATTEMPTS_MAX[this.#model.system] ?? Number.POSITIVE_INFINITY)) this.#breaks(`attempt ${number}`)
  }

  #onSwitched(tid: number): void {
    this.#reachedBy.delete(tid)
    if (this.#switched.has(tid)) this.#breaks(`task ${tid} went over twice`)
    if (!this.#machine.tasks.has(tid)) this.#breaks(`task ${tid} went over and is not there`)
    this.#switched.add(tid)
  }

  /** Counts add up: whoever was there at the start and still is has gone over, exactly once. */
  #onCompleted(): void {
    if (this.#model.system !== 'livepatch_immediate' && !this.#turned) {
      for (const tid of this.#startedWith)
        if (this.#machine.tasks.has(tid) && !this.#switched.has(tid)) this.#breaks(`completed without task ${tid}`)
    }
    this.#startedWith.clear()
    this.#switched.clear()
  }

  #breaks(what: string): void {
    if (this.broken.length < 5) this.broken.push(`at ${this.#machine.nowUs} µs: ${what}`)
  }
}

/** Only what a task does by itself on a CPU. */
const isActivity = (event: TraceEvent): boolean =>
  event.kind === 'called' ||
  event.kind === 'returned' ||
  event.kind === 'entered_kernel' ||
  event.kind === 'left_kernel' ||
  event.kind === 'exited' ||
  (event.kind === 'state' && event.state === 'running')
