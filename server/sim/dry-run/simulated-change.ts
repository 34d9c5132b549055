import { mixed } from '../core/random.ts'
import { Machine } from '../kernel/machine.ts'
import type { KernelFunction } from '../kernel/program.ts'
import type { Load } from '../lab/lab-run.ts'
import { tasksOf } from '../lab/loads.ts'
import { createModel } from '../models/create-model.ts'
import { Livepatch } from '../models/livepatch.ts'
import type { ConsistencyModel } from '../models/model.ts'
import { loadsOf, type MachineKind } from './machine-of.ts'

/** What became of a change on one simulated machine. */
export interface SimulatedChange {
  /** Null: it was not over within two minutes, or its system gave up. */
  readonly seconds: number | null
  /** The last that was in its way, in a few words; null: nothing was. */
  readonly heldBy: string | null
}

const SECOND_US = 1_000_000
/** So long the load runs before the change comes: whoever sleeps is asleep, whoever is busy is anywhere. */
const WARM_UP_US = 2 * SECOND_US
const WATCHED_US = 120 * SECOND_US
/** A patch of which the functions are not known has this one, which the loads seldom call. */
export const UNKNOWN_FUNCTION = 'vmlinux:do_mremap'

const functionIn = (text: string): KernelFunction => {
  const at = text.indexOf(':')
  return { object: text.slice(0, at), name: text.slice(at + 1), sympos: 1 }
}

/** Livepatch as the host's release has it. */
const modelOn = (machine: Machine, { system, features }: MachineKind, seed: number): ConsistencyModel => {
  if (system !== 'livepatch') return createModel(system, machine, seed)
  const model = new Livepatch(machine, features)
  machine.hooks = model
  return model
}

/** The same for the same kind and seed. */
export const simulateChange = (kind: MachineKind, seed: number, load: Load): SimulatedChange => {
  const machine = new Machine({ seed, cpus: kind.cpus })
  const model = modelOn(machine, kind, seed)
  for (const plan of tasksOf({ ...kind, load, seed, sleepers: 0, functions: 0, seconds: 0 })) machine.spawn(plan)
  machine.advanceTo(WARM_UP_US)
  const fromUs = machine.nowUs
  const names = kind.functions.length === 0 ? [UNKNOWN_FUNCTION] : kind.functions
  model.apply({ name: 'livepatch_dry_run', functions: names.map((name) => ({ function: functionIn(name) })) })
  while (model.status === 'in_progress') {
    const next = machine.nextUs()
    if (next === undefined || next > fromUs + WATCHED_US) break
    machine.advanceTo(next)
  }
  const end = model.events.find(({ kind: what }) => what === 'completed')
  const held = model.events.findLast((event) => event.kind === 'blocked')
  const where = held?.kind === 'blocked' && held.function !== null ? ` in ${held.function.split(',')[1]}` : ''
  return {
    seconds: end === undefined ? null : (end.atUs - fromUs) / SECOND_US,
    heldBy: held?.kind === 'blocked' ? `${held.comm}${where}` : null,
  }
}

/** Several machines of a kind, each with a seed of its own. */
export const simulateKind = (kind: MachineKind, seed: number, machines: number): SimulatedChange[] => {
  const loads = loadsOf(kind)
  return Array.from({ length: machines }, (_, index) =>
    simulateChange(kind, mixed(seed, index) >>> 1, loads[index % loads.length] ?? 'idle'),
  )
}
