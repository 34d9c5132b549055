// Goal: one seed gives the same log to the byte, on this machine and any other. Method: every event of machines under
// faults and of the Lab's machine, by each system, line by line; the SHA-256 of the whole is written down here. Who
// changes a model, a load or the order of draws writes down the new ones; without such a change a difference is a bug.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Machine } from '../kernel/machine.ts'
import { type ConsistencyModel, SYSTEMS, type System } from '../models/model.ts'
import { Chaos } from '../models/test-chaos.ts'
import { SECOND } from '../models/test-rig.ts'
import { LOADS } from './lab-run.ts'
import { labMachine, runLab } from './run-lab.ts'

type Log = (line: object) => void

const listen = (machine: Machine, model: ConsistencyModel, log: Log): void => {
  machine.onTrace = log
  model.onEvent = log
}

const underFaults = (system: System, seed: number, log: Log): void => {
  const chaos = new Chaos(system, seed)
  listen(chaos.machine, chaos.model, log)
  chaos.boot()
  chaos.apply(log)
  chaos.strike(10 * SECOND)
}

const inTheLab = (system: System, seed: number, log: Log): void => {
  for (const load of LOADS) {
    const setting = { ...{ seed, load, tasks: 60, cpus: 2, sleepers: 3, functions: 6, seconds: 18 } }
    const { machine, model, patch } = labMachine(setting, system)
    listen(machine, model, log)
    model.apply(patch)
    machine.advanceTo(machine.nowUs + setting.seconds * SECOND)
    const { assumptions: _, ...run } = runLab(setting, system)
    log(run)
  }
}

const hashOf = (seed: number): { lines: number; sha256: string } => {
  const hash = createHash('sha256')
  let lines = 0
  const log: Log = (line) => {
    lines += 1
    hash.update(`${JSON.stringify(line)}\n`)
  }
  for (const system of SYSTEMS) {
    underFaults(system, seed, log)
    inTheLab(system, seed, log)
  }
  return { lines, sha256: hash.digest('hex') }
}

test.each([
  [4_711, { lines: 371_864, sha256: 'e6be79ca5361cfa43660cfd2299d17a9ee0941b5ee89e2198b695b0b894b9e79' }],
  [2_026, { lines: 605_727, sha256: 'a5658564d734d05d8b6c0acb28acbc5197e09287f10fb53d4ccaccec6570e60e' }],
])('seed %i', (seed, expected) => {
  expect(hashOf(seed)).toEqual(expected)
})
