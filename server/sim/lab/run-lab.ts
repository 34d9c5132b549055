import { Machine } from '../kernel/machine.ts'
import { functionKey } from '../kernel/program.ts'
import { isAsleep, type Task } from '../kernel/task.ts'
import { ASSUMPTIONS } from '../models/assumptions.ts'
import { createModel } from '../models/create-model.ts'
import type { ConsistencyModel, ModelEvent, ModelPatch, System } from '../models/model.ts'
import { LabRecorder } from './lab-recorder.ts'
import type { LabRun, LabSetting } from './lab-run.ts'
import { functionsOf, tasksOf } from './loads.ts'

const SECOND_US = 1_000_000
/** So long the load runs before the patch comes: whoever sleeps is asleep, whoever is busy is anywhere. */
const WARM_UP_US = 2 * SECOND_US

export interface LabMachine {
  readonly machine: Machine
  readonly model: ConsistencyModel
  readonly patch: ModelPatch
}

/** The machine of a setting with one system on it, its load under way, at the moment before the patch is applied. */
export const labMachine = (setting: LabSetting, system: System): LabMachine => {
  const machine = new Machine({ seed: setting.seed, cpus: setting.cpus })
  const model = createModel(system, machine, setting.seed)
  for (const plan of tasksOf(setting)) machine.spawn(plan)
  machine.advanceTo(WARM_UP_US)
  const functions = functionsOf(setting).map((one) => ({ function: one }))
  return { machine, model, patch: { name: 'livepatch_lab', functions } }
}

/** Applies the setting's patch by one system, and writes down all that happens. The same setting gives the same run. */
export const runLab = (setting: LabSetting, system: System): LabRun => {
  const { machine, model, patch } = labMachine(setting, system)
  const fromUs = machine.nowUs
  const changed = new Set(patch.functions.map((one) => functionKey(one.function)))
  const recorder = new LabRecorder(machine, model, changed)
  model.apply(patch)
  machine.advanceTo(fromUs + setting.seconds * SECOND_US)
  const events = model.events.map((event) => ({ ...event, atUs: event.atUs - fromUs }))
  return {
    ...{ system, status: model.status, endUs: machine.nowUs - fromUs, tasks: recorder.tasks, events },
    stops: stopsOf(events),
    ...outcomeOf(events),
    never: neverOver(machine, model, events),
    ...{ mixed: recorder.mixed, assumptions: ASSUMPTIONS[system] },
  }
}

export const stopsOf = (events: readonly ModelEvent[]): LabRun['stops'] =>
  events.flatMap((event) => (event.kind === 'stopped' ? [{ fromUs: event.atUs, toUs: event.atUs + event.us }] : []))

export const outcomeOf = (events: readonly ModelEvent[]): Pick<LabRun, 'completedUs' | 'attempts'> => ({
  completedUs: events.find(({ kind }) => kind === 'completed')?.atUs ?? null,
  attempts: events.filter(({ kind }) => kind === 'attempt').length,
})

/** Where tasks go over one by one, those that are left; where all do at once, those that were in the way at last. */
const neverOver = (machine: Machine, model: ConsistencyModel, events: readonly ModelEvent[]): LabRun['never'] => {
  if (model.status === 'applied') return []
  const said = new Map<number, string>()
  const lastAttempt = events.findLastIndex(({ kind }) => kind === 'attempt')
  for (const event of events) if (event.kind === 'blocked') said.set(event.tid, saying(event))
  if (model.status === 'in_progress')
    return [...machine.tasks.values()]
      .filter(({ tid }) => model.universeOf(tid) === 'old')
      .map((task) => ({ tid: task.tid, comm: task.comm, why: said.get(task.tid) ?? whereabouts(task) }))
  return events
    .slice(lastAttempt)
    .flatMap((event) => (event.kind === 'blocked' ? [{ tid: event.tid, comm: event.comm, why: saying(event) }] : []))
}

const saying = ({ function: held, why }: Extract<ModelEvent, { kind: 'blocked' }>): string => {
  const name = held?.split(',')[1]
  return name === undefined || why.includes(name) ? why : `${why}: ${name}`
}

const whereabouts = (task: Task): string => (isAsleep(task) ? `sleeps (${task.state})` : `is ${task.state}`)
