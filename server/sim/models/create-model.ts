import type { Machine } from '../kernel/machine.ts'
import { KernelCare } from './kernelcare.ts'
import { Kgraft } from './kgraft.ts'
import { Kpatch } from './kpatch.ts'
import { Ksplice } from './ksplice.ts'
import { Livepatch } from './livepatch.ts'
import { LivepatchImmediate } from './livepatch-immediate.ts'
import type { ConsistencyModel, System } from './model.ts'

const MODELS: Readonly<Record<System, (machine: Machine, seed: number) => ConsistencyModel>> = {
  ksplice: (machine, seed) => new Ksplice(machine, seed),
  kpatch: (machine, seed) => new Kpatch(machine, seed),
  kgraft: (machine, seed) => new Kgraft(machine, seed),
  livepatch_immediate: (machine, seed) => new LivepatchImmediate(machine, seed),
  livepatch: (machine) => new Livepatch(machine),
  kernelcare: (machine, seed) => new KernelCare(machine, seed),
}

/** A system as it is unless asked otherwise, hung on the machine. */
export const createModel = (system: System, machine: Machine, seed: number): ConsistencyModel => {
  const model = MODELS[system](machine, seed)
  machine.hooks = model
  return model
}
