import { mixed, Random } from '../core/random.ts'
import { shuffled } from './fleet-mix.ts'
import type { Hold } from './holds.ts'
import { type HostPlan, hostPlan, isInTheWay } from './host-plan.ts'
import { TROUBLES_OF } from './tool-trouble.ts'

/**
 * What can befall a host. `upgrade` is the ordinary case: the next livepatch goes in, and nothing is in its way. Those that
 * begin with `tool` befall hosts with another system or a vendor's tool.
 */
export const FAULTS = [
  'stall_interruptible',
  'stall_kernel_thread',
  'stall_uninterruptible',
  'stall_killable',
  'force',
  'reverse',
  'crash_patches_reloaded',
  'crash_patches_lost',
  'oops_and_stays',
  'oops_and_reboots',
  'drift_disabled',
  'drift_unknown_patch',
  'drift_redirect_lost',
  'tool_upgrade_blocked',
  'tool_access_lost',
  'tool_drift',
  'tool_times_out',
  'slow_link',
  'lost_link',
  'upgrade',
] as const
export type Fault = (typeof FAULTS)[number]

export interface Incident {
  readonly fault: Fault
  /** Seconds since the fleet's start. */
  readonly atSeconds: number
  /** Its own chance. */
  readonly seed: number
  /** What keeps the task, where the fault wants one. */
  readonly hold: Hold | null
}

/** All incidents of a round are over by its end. */
export const ROUND_SECONDS = 300
/** How long each may take until the host is as before. */
export const SECONDS_MAX: Readonly<Record<Fault, number>> = {
  ...{ stall_interruptible: 90, stall_kernel_thread: 160, stall_uninterruptible: 160, stall_killable: 160 },
  ...{ force: 190, reverse: 80, crash_patches_reloaded: 150, crash_patches_lost: 200 },
  ...{ oops_and_stays: 200, oops_and_reboots: 190, drift_disabled: 120, drift_unknown_patch: 120 },
  ...{ tool_upgrade_blocked: 200, tool_access_lost: 160, tool_drift: 160, tool_times_out: 160 },
  ...{ drift_redirect_lost: 160, slow_link: 160, lost_link: 160, upgrade: 30 },
}
/** Each fault happens once a round among so many hosts; in a large fleet among more, as people can stand it. */
const HOSTS_PER_BLOCK = 60
const BLOCKS_MAX = 20

const HOLD_OF: Partial<Record<Fault, readonly Hold['kind'][]>> = {
  stall_interruptible: ['interruptible'],
  stall_kernel_thread: ['kernel_thread'],
  stall_uninterruptible: ['uninterruptible'],
  stall_killable: ['killable'],
  force: ['uninterruptible', 'kernel_thread'],
  reverse: ['killable', 'uninterruptible', 'kernel_thread'],
  crash_patches_reloaded: ['killable', 'uninterruptible', 'kernel_thread'],
  crash_patches_lost: ['killable', 'uninterruptible', 'kernel_thread'],
}
/** They befall any host; the others, one with livepatches that no daemon watches over. */
const OF_ANY: ReadonlySet<Fault> = new Set(['slow_link', 'lost_link'])
/** They take something away from a patch that has been there from the start. */
const OF_PATCH: ReadonlySet<Fault> = new Set(['drift_disabled', 'drift_redirect_lost'])

/** What befalls each host of a fleet, round after round. The same for the same seed and size. */
export interface FaultSchedule {
  incident(index: number, round: number): Incident | null
}

export const createFaultSchedule = ({ seed, hosts }: { seed: number; hosts: number }): FaultSchedule => {
  const perBlock = Math.max(HOSTS_PER_BLOCK, Math.ceil(hosts / BLOCKS_MAX))
  const latest = new Map<number, { round: number; incidents: ReadonlyMap<number, Incident> }>()

  const ofBlock = (block: number, round: number) => {
    const known = latest.get(block)
    if (known?.round === round) return known.incidents
    const first = block * perBlock
    const plans = Array.from({ length: Math.min(perBlock, hosts - first) }, (_, offset) =>
      hostPlan(seed, first + offset),
    )
    const incidents = drawRound(plans, new Random(mixed(mixed(seed, block), round)))
    latest.set(block, { round, incidents })
    return incidents
  }

  return {
    incident(index, round) {
      const found = ofBlock(Math.floor(index / perBlock), round).get(index)
      return found ? { ...found, atSeconds: found.atSeconds + round * ROUND_SECONDS } : null
    },
  }
}

/** The pickiest faults choose their hosts first; in a fleet that is too small for all, which ones happen changes. */
const drawRound = (plans: readonly HostPlan[], random: Random): ReadonlyMap<number, Incident> => {
  const free = shuffled(random, plans)
  const faults = free.length < FAULTS.length ? shuffled(random, FAULTS) : FAULTS
  const incidents = new Map<number, Incident>()
  for (const fault of faults) {
    const at = free.findIndex((plan) => canHappen(fault, plan))
    const [plan] = at === -1 ? [] : free.splice(at, 1)
    if (plan === undefined) continue
    incidents.set(plan.index, {
      ...{ fault, hold: random.pick(holdsFor(fault, plan)) ?? null },
      atSeconds: random.integer(10, ROUND_SECONDS - SECONDS_MAX[fault]),
      seed: random.integer(0, 0x7f_ff_ff_ff),
    })
  }
  return incidents
}

/** A busy host is busy; of the others, those whose tool fails stay as they are. */
const canHappen = (fault: Fault, plan: HostPlan): boolean => {
  if (plan.condition === 'busy') return false
  if (OF_ANY.has(fault)) return true
  if (plan.condition === 'tool_fails') return false
  const ofTool = OF_TOOL[fault]
  if (ofTool !== undefined) return ofTool(plan)
  return (
    (plan.kind === 'livepatch' || plan.kind === 'klp') &&
    (!OF_PATCH.has(fault) || plan.history.length > 0) &&
    (fault !== 'drift_redirect_lost' || plan.patches.every(({ functions }) => functions.length > 0)) &&
    (HOLD_OF[fault] === undefined || holdsFor(fault, plan).length > 0)
  )
}

const OF_TOOL: Partial<Record<Fault, (plan: HostPlan) => boolean>> = {
  tool_upgrade_blocked: (plan) =>
    (plan.kind === 'ksplice' || plan.kind === 'kernelcare' || plan.kind === 'kpatch_core') &&
    plan.condition === 'behind' &&
    holdsAgainstTool(plan).length > 0,
  // KernelCare asks its vendor every four hours, so that nobody would learn of it.
  tool_access_lost: ({ kind }) => kind === 'ksplice' || kind === 'canonical',
  tool_drift: ({ kind, condition }) => (kind === 'ksplice' || kind === 'canonical') && condition === 'up_to_date',
  tool_times_out: ({ kind }) => TROUBLES_OF[kind].includes('time_out'),
}

/** What keeps the newest patches out. */
export const holdsAgainstTool = ({ holds, kind, patches }: HostPlan): readonly Hold[] =>
  holds.filter((hold) => isInTheWay(hold, kind, patches))

const holdsFor = (fault: Fault, plan: HostPlan): readonly Hold[] =>
  fault === 'tool_upgrade_blocked'
    ? holdsAgainstTool(plan)
    : plan.holds.filter(({ kind }) => HOLD_OF[fault]?.includes(kind) === true)
