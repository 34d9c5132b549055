import type { CourseHost, DrawOutcome, OrderOutcome } from '@rebootless/shared/domain/rollouts/dry-run/course-host.ts'
import {
  type DryRunHost,
  type DryRunWork,
  STALL_SECONDS,
} from '@rebootless/shared/domain/rollouts/dry-run/dry-run-work.ts'
import { mixed, Random, type Span } from '../core/random.ts'
import type { SimulatedChange } from './simulated-change.ts'

/** What was simulated for a host stands against its own past as so many transitions would, and against the fleet's as so many. */
export const SIMULATED_AGAINST_OWN = 3
export const SIMULATED_AGAINST_FLEET = 30

const SECOND_US = 1_000_000
const seconds = (random: Random, span: Span): number => random.span(span) / SECOND_US
/** Where no command of the fleet tells. */
export const DELIVERY: Span = { from: 0.2 * SECOND_US, to: 1.5 * SECOND_US }
/** An agent sends samples at most once a second, and a snapshot when what it holds changes. */
export const REPORT: Span = { from: 0.1 * SECOND_US, to: 1.2 * SECOND_US }
/** How long a task holds a transition, where no past one of the fleet tells. */
export const HOLD: Span = { median: 10 * 60 * SECOND_US, sigma: 1 }
/** What a vendor's tool takes to fetch and to check, where no past update of the fleet tells. */
export const TOOL: Span = { median: 12 * SECOND_US, sigma: 0.7 }

export interface Chances {
  readonly work: DryRunWork
  /** Of the machines that are like it. */
  readonly simulated: (host: CourseHost) => readonly SimulatedChange[]
}

/** All transitions of the fleet that are known, and of those the ones that stalled. */
const pastOf = ({ hosts }: DryRunWork) => {
  const all = hosts.flatMap(({ past }) => past.map((one) => one.seconds))
  return { all, stalls: all.filter((one) => one >= STALL_SECONDS) }
}

/**
 * What an order comes to on a host in one run: from its own past, the fleet's, or the machines that were simulated for it.
 * Each host and attempt has chance of its own, so that nothing hangs on the order in which hosts are asked.
 */
export const createDraw = ({ work, simulated }: Chances, run: number): DrawOutcome => {
  const places = new Map(work.hosts.map((host, index) => [host.id, { host, index }]))
  const past = pastOf(work)
  const seed = mixed(work.seed, run)

  const hold = (random: Random): number => random.pick(past.stalls) ?? seconds(random, HOLD)

  const changeOf = (host: DryRunHost, random: Random): Pick<OrderOutcome, 'change' | 'heldBy'> => {
    const machine = random.pick(simulated(host)) ?? { seconds: null, heldBy: null }
    const quick = machine.seconds ?? STALL_SECONDS
    const [asleep] = host.asleep
    if (asleep !== undefined) return { change: quick + hold(random), heldBy: asleep }
    if (random.chance(host.past.length / (host.past.length + SIMULATED_AGAINST_OWN))) {
      const known = random.pick(host.past)?.seconds ?? quick
      return { change: known, heldBy: known >= STALL_SECONDS ? 'a task, as once before' : null }
    }
    if (random.chance(past.all.length / (past.all.length + SIMULATED_AGAINST_FLEET))) {
      const known = random.pick(past.all) ?? quick
      return { change: known, heldBy: known >= STALL_SECONDS ? 'a task, as on others before' : null }
    }
    return { change: machine.seconds ?? quick + hold(random), heldBy: machine.heldBy }
  }

  return ({ id }, { action, attempt }) => {
    const place = places.get(id)
    if (place === undefined) throw new Error(`no host ${id}`)
    const { host, index } = place
    const random = new Random(mixed(mixed(seed, index), attempt))
    const delivery = random.pick(work.deliveries) ?? seconds(random, DELIVERY)
    const report = seconds(random, REPORT)
    const tool = work.plan.change.kind === 'update' ? (random.pick(work.updates) ?? seconds(random, TOOL)) : 0
    const machine = random.pick(simulated(host))
    // What a transition waits for has not gone over, and need not come back: kernel/livepatch/transition.c, klp_reverse_transition.
    const isBack = action === 'reversal' || action === 'reverse'
    const change = isBack ? { change: machine?.seconds ?? 1, heldBy: null } : changeOf(host, random)
    return {
      ...{ delivery, report, heldBy: change.heldBy, change: tool + change.change },
      refused: isBack || action === 'disable' ? null : host.refusedByKernel,
    }
  }
}
