import type { Machine } from '../kernel/machine.ts'
import type { FunctionKey } from '../kernel/program.ts'
import { isAsleep, isInKernel, type Task } from '../kernel/task.ts'
import type { TraceEvent } from '../kernel/trace.ts'
import { isFrozen } from '../models/freezer.ts'
import type { ConsistencyModel, ModelEvent } from '../models/model.ts'
import type { LabActivity, LabStretch, LabTask, MixedCall } from './lab-run.ts'

interface Recorded extends LabTask {
  readonly stretches: LabStretch[]
}

/** Writes down what each task does and which code it reaches, from a machine's trace; times from its making on. */
export class LabRecorder {
  readonly mixed: MixedCall[] = []
  readonly #machine: Machine
  readonly #model: ConsistencyModel
  readonly #changed: ReadonlySet<FunctionKey>
  readonly #tasks = new Map<number, Recorded>()
  readonly #fromUs: number

  constructor(machine: Machine, model: ConsistencyModel, changed: ReadonlySet<FunctionKey>) {
    this.#machine = machine
    this.#model = model
    this.#changed = changed
    this.#fromUs = machine.nowUs
    for (const task of machine.tasks.values()) this.#note(task)
    machine.onTrace = (event) => this.#onTrace(event)
    model.onEvent = (event) => this.#onEvent(event)
  }

  get tasks(): readonly LabTask[] {
    return [...this.#tasks.values()]
  }

  #onTrace(event: TraceEvent): void {
    if (event.kind === 'called') this.#watchMixes(event.tid, event.function, event.patch)
    else if (event.kind === 'stopped' || event.kind === 'resumed') {
      for (const task of this.#machine.tasks.values()) if (!isAsleep(task)) this.#note(task)
    } else if (event.kind === 'exited') this.#noteGone(event.tid)
    else if (event.kind === 'entered_kernel') this.#noteOf(event.tid, 'kernel')
    else if (event.kind === 'state' || event.kind === 'left_kernel' || event.kind === 'spawned') this.#noteOf(event.tid)
  }

  #onEvent(event: ModelEvent): void {
    if (event.kind === 'switched') this.#noteOf(event.tid)
  }

  #noteOf(tid: number, activity?: LabActivity): void {
    const task = this.#machine.tasks.get(tid)
    if (task) this.#note(task, activity)
  }

  #note(task: Task, activity = this.#activityOf(task)): void {
    let recorded = this.#tasks.get(task.tid)
    if (recorded === undefined) {
      recorded = { tid: task.tid, comm: task.comm, kind: task.kind, stretches: [] }
      this.#tasks.set(task.tid, recorded)
    }
    this.#append(recorded.stretches, activity, this.#model.universeOf(task.tid))
  }

  #noteGone(tid: number): void {
    const stretches = this.#tasks.get(tid)?.stretches
    if (stretches) this.#append(stretches, 'gone', stretches.at(-1)?.universe ?? null)
  }

  /** What lasted no time leaves nothing behind. */
  #append(stretches: LabStretch[], activity: LabActivity, universe: LabStretch['universe']): void {
    const fromUs = this.#machine.nowUs - this.#fromUs
    if (stretches.at(-1)?.fromUs === fromUs) stretches.pop()
    const last = stretches.at(-1)
    if (last?.activity !== activity || last.universe !== universe) stretches.push({ fromUs, activity, universe })
  }

  #activityOf(task: Task): LabActivity {
    if (isFrozen(task)) return 'frozen'
    if (isAsleep(task)) return this.#isInChanged(task) ? 'asleep_in_function' : 'asleep'
    if (this.#machine.isStopped) return 'stopped'
    if (task.state === 'runnable') return 'runnable'
    return isInKernel(task) ? 'kernel' : 'user'
  }

  #isInChanged(task: Task): boolean {
    return task.frames.some(({ call }) => call !== undefined && this.#changed.has(call.code.function))
  }

  /** A changed function was called from one of the other version, at whatever distance. */
  #watchMixes(tid: number, callee: FunctionKey, patch: string | null): void {
    if (!this.#changed.has(callee)) return
    const calls = this.#machine.tasks.get(tid)?.frames ?? []
    const caller = calls.findLast(({ call }) => call !== undefined && this.#changed.has(call.code.function))?.call?.code
    if (caller === undefined || caller.patch === patch) return
    this.mixed.push({ atUs: this.#machine.nowUs - this.#fromUs, tid, caller: caller.function, callee })
  }
}
