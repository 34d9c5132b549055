import { Machine } from '../kernel/machine.ts'
import type { Body, KernelFunction, SleepKind, Step, TaskPlan } from '../kernel/program.ts'
import type { Task } from '../kernel/task.ts'
import type { TraceEvent } from '../kernel/trace.ts'
import type { ConsistencyModel, ModelEvent, ModelPatch } from './model.ts'

export const MS = 1_000
export const SECOND = 1_000_000

export const kernelFunction = (name: string): KernelFunction => ({ object: 'vmlinux', name, sympos: 1 })
export const [inner, outer, other] = [kernelFunction('inner'), kernelFunction('outer'), kernelFunction('other')]

export const patchOf = (name: string, ...functions: KernelFunction[]): ModelPatch => ({
  name,
  functions: functions.map((one) => ({ function: one })),
})

export const call = (called: KernelFunction, ...body: Body): Step => ({ do: 'call', function: called, body })
export const systemCall = (...body: Body): Step => ({ do: 'system_call', name: 'read', body })
export const run = (us: number): Step => ({ do: 'run', us })
export const sleep = (kind: SleepKind, us?: number, event?: string): Step => ({
  ...{ do: 'sleep', kind },
  ...(us === undefined ? {} : { us }),
  ...(event === undefined ? {} : { event }),
})
export const forever = (kind: 'user' | 'kernel', ...body: Body): TaskPlan => ({
  ...{ comm: 'task', kind, program: [{ do: 'loop', body }] },
})

/** A machine with one system on it, and what happened there. */
export const rig = <M extends ConsistencyModel>(make: (machine: Machine) => M, { cpus = 2, seed = 1 } = {}) => {
  const machine = new Machine({ seed, cpus })
  const model = make(machine)
  machine.hooks = model
  const trace: TraceEvent[] = []
  machine.onTrace = (event) => trace.push(event)
  return {
    ...{ machine, model, trace },
    start: (plan: TaskPlan): Task => machine.spawn(plan),
    after: (us: number): void => machine.advanceTo(machine.nowUs + us),
    told: <K extends ModelEvent['kind']>(kind: K) =>
      model.events.filter((event): event is Extract<ModelEvent, { kind: K }> => event.kind === kind),
    /** Versions that a task's calls of a function reached, in order. */
    reached: (task: Task, called: KernelFunction) =>
      trace.flatMap((event) =>
        event.kind === 'called' && event.tid === task.tid && event.function === `vmlinux,${called.name},1`
          ? [event.patch]
          : [],
      ),
  }
}
