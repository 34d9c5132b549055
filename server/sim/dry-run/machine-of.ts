import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { DryRunHost } from '@rebootless/shared/domain/rollouts/dry-run/dry-run-work.ts'
import type { LivepatchFeatures } from '../kernel/kernel-facts.ts'
import { LOADS, type Load } from '../lab/lab-run.ts'
import type { System } from '../models/model.ts'

/** Hosts that are simulated by the same machines. */
export interface MachineKind {
  readonly system: System
  /** How livepatch of its release works. */
  readonly features: Partial<LivepatchFeatures>
  /** Null: not known, and each load is tried in turn. */
  readonly load: Load | null
  readonly tasks: number
  readonly cpus: number
  /** `OBJECT:FUNCTION` */
  readonly functions: readonly string[]
}

/** More cost a simulation much, and change its times little: a pass over a task takes 3 µs. */
const TASKS_MAX = 1_000
const TASKS_MIN = 40
/** Where no transition told how many there are. */
export const TASKS_UNKNOWN = 300
/** Agents do not report them. */
export const CPUS = 4

/** 6012 for 6.12; 0: it was not read. */
const versionOf = (release: string): number => {
  const [, major = '0', minor = '0'] = /^(\d{1,3})\.(\d{1,3})/.exec(release) ?? []
  return Number(major) * 1000 + Number(minor)
}

/** Kernels that are live patched by what was there before livepatch: kGraft in SUSE's 3.12 and 4.4, kpatch's own core in 3.10. */
const kernelSystem = (release: string): System => {
  const version = versionOf(release)
  if (version === 0 || version >= 4012) return 'livepatch'
  if (version === 3012 || version === 4004) return 'kgraft'
  return version < 4000 ? 'kpatch' : 'livepatch_immediate'
}

export const systemOf = ({ change }: Pick<RolloutPlan, 'change'>, { release }: Pick<DryRunHost, 'release'>): System => {
  if (change.kind === 'update' && (change.provider === 'ksplice' || change.provider === 'kernelcare'))
    return change.provider
  return kernelSystem(release)
}

/**
 * Idle CPUs are kicked since 5.16 (kernel/livepatch/transition.c, klp_try_complete_transition, wake_up_if_idle), and tasks switch in
 * cond_resched() since 6.4 (include/linux/livepatch_sched.h).
 */
const featuresOf = ({ release, reliableStacks }: DryRunHost): Partial<LivepatchFeatures> => {
  const version = versionOf(release)
  return {
    reliableStacks: reliableStacks !== false,
    kicksIdle: version === 0 || version >= 5016,
    switchesInCondResched: version >= 6004,
  }
}

const ROLES: readonly (readonly [RegExp, Load])[] = [
  [/^(db|.*database|.*sql|postgres.*|mongo.*|redis|storage)/, 'database'],
  [/^(web|.*proxy|front|www|api|app|lb|edge|cache|nginx)/, 'web_server'],
  [/^(idle|spare|standby)/, 'idle'],
  [/^(nfs|batch|compute|worker|hypervisor|kvm)/, 'kernel_threads'],
]

/** A host whose load is below is idle, whatever it is for. */
export const IDLE_BELOW = 0.1

/** By what the kernel says of its load, and by the label `role`, in which people say what a host is for; null: neither tells. */
export const loadOf = ({ labels: { role }, load }: Pick<DryRunHost, 'labels' | 'load'>): Load | null => {
  if (load !== null && load < IDLE_BELOW) return 'idle'
  return ROLES.find(([pattern]) => role !== undefined && pattern.test(role.toLowerCase()))?.[1] ?? null
}

/** Powers of two: hosts that differ by less behave alike. */
const tasksOf = (tasks: number | null): number =>
  Math.min(TASKS_MAX, Math.max(TASKS_MIN, 2 ** Math.round(Math.log2(Math.max(1, tasks ?? TASKS_UNKNOWN)))))

export const machineOf = (
  plan: Pick<RolloutPlan, 'change'>,
  functions: Readonly<Record<string, readonly string[]>>,
  host: DryRunHost,
): MachineKind => {
  const artefact = host.fit.fits ? (host.fit.artefact ?? '') : ''
  return {
    ...{
      system: systemOf(plan, host),
      features: featuresOf(host),
      load: loadOf(host),
      tasks: tasksOf(host.tasks),
      cpus: CPUS,
    },
    functions: functions[artefact] ?? [],
  }
}

export const keyOf = (kind: MachineKind): string => JSON.stringify(kind)

/** The loads that machines of a kind have, in turn. */
export const loadsOf = ({ load }: MachineKind): readonly Load[] =>
  load === null ? LOADS.filter((one) => one !== 'asleep_in_function') : [load]
