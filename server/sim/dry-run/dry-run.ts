import type { DryRunResult } from '@rebootless/shared/contract/dry-run.ts'
import { type Course, runCourse } from '@rebootless/shared/domain/rollouts/dry-run/course.ts'
import type { CourseHost } from '@rebootless/shared/domain/rollouts/dry-run/course-host.ts'
import { dryRunReport } from '@rebootless/shared/domain/rollouts/dry-run/dry-run-report.ts'
import {
  type DryRunHost,
  type DryRunStage,
  type DryRunWork,
  STALL_SECONDS,
} from '@rebootless/shared/domain/rollouts/dry-run/dry-run-work.ts'
import { planWaves } from '@rebootless/shared/domain/rollouts/plan-waves.ts'
import { counted } from '@rebootless/shared/domain/sentence.ts'
import { mixed } from '../core/random.ts'
import { assumptionsOf } from './assumptions.ts'
import { createDraw } from './chances.ts'
import { keyOf, type MachineKind, machineOf } from './machine-of.ts'
import { type SimulatedChange, simulateKind } from './simulated-change.ts'

/** Over all kinds of hosts; one of a few hundred tasks costs some 20 ms. */
const MACHINES_MAX = 400
const MACHINES_OF_KIND = { least: 3, most: 16 }
/** A run over ten thousand hosts costs seconds; over a hundred, a few hundredths. */
const RUNS_MOST = 40
const RUNS_LEAST = 5
const HOST_RUNS_MAX = 40_000

interface SimulatedKind {
  readonly kind: MachineKind
  readonly hosts: number
  readonly changes: readonly SimulatedChange[]
}

/** Seeds of machines; those of runs follow from the seed itself. */
const PART_OF_MACHINES = -7

/**
 * A plan over simulated machines that are like its hosts, as often as its runs say. The same work gives the same result.
 * @param onProgress of each stage, from 0 to 1
 */
export const dryRun = (
  work: DryRunWork,
  onProgress: (stage: DryRunStage, progress: number) => void = () => undefined,
): DryRunResult => {
  const going = new Set(
    planWaves(work.plan, work.hosts, work.id).waves.flatMap(({ hosts }) => hosts.map(({ id }) => id)),
  )
  const kinds = simulateKinds(
    work,
    work.hosts.filter(({ id }) => going.has(id)),
    (progress) => onProgress('simulating kernels', progress),
  )
  const kindOf = new Map(work.hosts.map((host) => [host.id, keyOf(machineOf(work.plan, work.functions, host))]))
  const simulated = ({ id }: Pick<CourseHost, 'id'>) => kinds.get(kindOf.get(id) ?? '')?.changes ?? []
  const runs =
    work.runs ?? Math.max(RUNS_LEAST, Math.min(RUNS_MOST, Math.floor(HOST_RUNS_MAX / Math.max(1, going.size))))
  const beginsAt = Date.parse(work.beginsAt)
  const courses: Course[] = []
  for (let run = 0; run < runs; run += 1) {
    courses.push(
      runCourse(work.plan, work.hosts, {
        ...{ id: work.id, beginsAt, draw: createDraw({ work, simulated }, run) },
        onWave: (wave) => onProgress('running the rollout', (run + wave / work.plan.waves.length) / runs),
      }),
    )
  }
  return dryRunReport(work, {
    courses,
    simulatedRisk: (host) => riskOf(simulated(host)),
    method: methodOf(going.size, kinds, runs),
    assumptions: assumptionsOf(work, new Set([...kinds.values()].map(({ kind }) => kind.system))),
  })
}

const simulateKinds = (
  work: DryRunWork,
  hosts: readonly DryRunHost[],
  onProgress: (progress: number) => void,
): ReadonlyMap<string, SimulatedKind> => {
  const found = new Map<string, { kind: MachineKind; hosts: number }>()
  for (const host of hosts) {
    const kind = machineOf(work.plan, work.functions, host)
    const known = found.get(keyOf(kind))
    if (known === undefined) found.set(keyOf(kind), { kind, hosts: 1 })
    else known.hosts += 1
  }
  const each = Math.max(
    MACHINES_OF_KIND.least,
    Math.min(MACHINES_OF_KIND.most, Math.floor(MACHINES_MAX / Math.max(1, found.size))),
  )
  const kinds = new Map<string, SimulatedKind>()
  for (const [key, { kind, hosts: count }] of found) {
    onProgress(kinds.size / found.size)
    const seed = mixed(mixed(work.seed, PART_OF_MACHINES), kinds.size)
    kinds.set(key, { kind, hosts: count, changes: simulateKind(kind, seed, each) })
  }
  return kinds
}

const riskOf = (changes: readonly SimulatedChange[]): string | null => {
  const held = changes.filter(({ seconds }) => seconds === null || seconds >= STALL_SECONDS)
  if (held.length === 0) return null
  const by = held.flatMap(({ heldBy }) => heldBy ?? [])[0]
  return `Of ${counted(changes.length, 'simulated machine')} like it ${held.length} stalled${by === undefined ? '' : `, on ${by}`}.`
}

const methodOf = (hosts: number, kinds: ReadonlyMap<string, SimulatedKind>, runs: number): string[] => {
  const machines = [...kinds.values()].reduce((sum, { changes }) => sum + changes.length, 0)
  const systems = [...new Set([...kinds.values()].map(({ kind }) => kind.system))].sort().join(', ')
  return [
    `Simulated: no host was told anything. ${counted(hosts, 'host')} came to ${counted(kinds.size, 'kind')} by live patching system, kernel, load, number of tasks and module (${systems}).`,
    `Of these kinds ${counted(machines, 'machine')} were simulated, with their tasks and the functions that the change touches, each until its transition was over or two minutes had passed.`,
    `Then the rollout was run through ${counted(runs, 'time')} by the engine that drives real ones. Each host drew how long its transition takes from its kind’s machines, its own past transitions and those of the fleet.`,
    'The range is that of chance over these runs. What the model itself gets wrong is not in it.',
  ]
}
