import { mixed, Random } from '../core/random.ts'
import type { KernelFacts } from '../kernel/kernel-facts.ts'
import type { TaskPlan } from '../kernel/program.ts'
import { DISTRIBUTION_KERNELS, type DistributionKernel, releaseOn } from './distributions.ts'
import { type Condition, cardOf, type FleetCard, type FleetKind } from './fleet-mix.ts'
import { HOLDS, type Hold } from './holds.ts'
import { type HostRole, loadOf, MODULES_OF, ROLES } from './loads.ts'
import { type FleetPatch, objectOf, patchesFor } from './patch-images.ts'
import { seriesOf } from './patches-of-other-systems.ts'
import { type ToolTrouble, TROUBLES_OF } from './tool-trouble.ts'

/** All that is settled of a simulated host before it boots. */
export interface HostPlan {
  readonly index: number
  readonly name: string
  /** As on the server: datacentre, rack, role, env. */
  readonly labels: Readonly<Record<string, string>>
  readonly role: HostRole
  readonly kind: FleetKind
  readonly condition: Condition
  /** What is wrong with its tool from the start; null: nothing. */
  readonly trouble: ToolTrouble | null
  readonly kernel: DistributionKernel
  readonly architecture: KernelFacts['architecture']
  /** `uname -r` */
  readonly release: string
  /** Kernels on its disk as `uname -r` names them, oldest first. */
  readonly installedKernels: readonly string[]
  readonly cpus: number
  readonly uptimeSeconds: number
  readonly tasks: readonly TaskPlan[]
  /** Loaded modules with functions that some patch changes, and which. */
  readonly modules: Readonly<Record<string, readonly string[]>>
  /** Published for this kernel, oldest first. */
  readonly patches: readonly FleetPatch[]
  /** Of those, what was loaded since boot, in order; the last is in effect. */
  readonly history: readonly number[]
  /** Of those that were loaded, one that its vendor has taken back; null: none. */
  readonly withdrawn: number | null
  /** Another system whose client was left on when this one came; null: none. */
  readonly beside: 'ksplice' | null
  /** What on this host can keep a task in one of its patches' functions. */
  readonly holds: readonly Hold[]
  /** Seed of its kernel and of what befalls it. */
  readonly seed: number
}

const DATACENTRES = ['fra1', 'ams2', 'iad1', 'sin1'] as const
const RACKS = 12
/** Who answers for a host, by what it does. */
const OWNERS: Readonly<Record<HostRole, string>> = {
  ...{ web: 'shop', database: 'storage', batch: 'analytics', proxy: 'network', idle: 'platform' },
}
const ENVIRONMENTS = ['prod', 'prod', 'prod', 'staging', 'test'] as const
const ROLE_WEIGHTS: Readonly<Record<HostRole, number>> = { web: 34, database: 20, batch: 20, proxy: 14, idle: 12 }
const ARCHITECTURE_WEIGHTS: Readonly<Record<KernelFacts['architecture'], number>> = {
  ...{ x86_64: 84, ppc64le: 8, s390x: 6, aarch64: 30 },
}
const DAY_SECONDS = 86_400

/** The same for the same seed and index, whatever the size of the fleet. */
export const hostPlan = (seed: number, index: number): HostPlan => {
  const hostSeed = mixed(seed, index)
  const random = new Random(hostSeed)
  const { kind, condition } = cardOf(seed, index)
  const { role, kernel, architecture, patches, modules, holds } = machineOf(random, kind, condition)
  const datacentre = random.pick(DATACENTRES)
  const waits = kernel.next !== undefined && random.chance(0.3)
  const installed = waits ? [kernel.release, kernel.next] : [kernel.release]
  const planned = {
    ...{ index, role, kind, condition, kernel, architecture, patches, modules, holds },
    trouble: condition === 'tool_fails' ? (random.pick(TROUBLES_OF[kind]) ?? null) : null,
    name: `${role}-${String(index + 1).padStart(3, '0')}.${datacentre}.sim`,
    labels: {
      ...{ datacentre, role, owner: OWNERS[role], env: random.pick(ENVIRONMENTS) },
      rack: `r${String(random.integer(1, RACKS)).padStart(2, '0')}`,
    },
    release: releaseOn(kernel, architecture),
    installedKernels: installed.map((release) => releaseOn(kernel, architecture, release)),
    cpus: random.pick([2, 2, 4, 4, 8]),
    uptimeSeconds: random.integer(2 * DAY_SECONDS, 120 * DAY_SECONDS),
    tasks: loadOf(role, random.fork()),
    history: historyOf(random, { kind, condition }, kernel.release, patches.length),
    seed: hostSeed,
  }
  const newest = planned.history.at(-1) ?? 0
  return {
    ...planned,
    // Never the first, which only enables the others.
    withdrawn: kind === 'ksplice' && condition === 'behind' && newest > 0 ? newest : null,
    beside: kind === 'kernelcare' && condition === 'behind' ? 'ksplice' : null,
  }
}

const weighted = <T>(random: Random, items: readonly T[], weight: (item: T) => number): T => {
  const total = items.reduce((sum, item) => sum + weight(item), 0)
  let left = random.fraction() * total
  for (const item of items) {
    left -= weight(item)
    if (left < 0) return item
  }
  throw new Error('nothing to choose from')
}

type PlannedMachine = Pick<HostPlan, 'role' | 'kernel' | 'architecture' | 'patches' | 'modules' | 'holds'>

/** A busy host is drawn until it is one on which something can be in the tool's way. */
const machineOf = (random: Random, kind: FleetKind, condition: Condition): PlannedMachine => {
  const kernels = DISTRIBUTION_KERNELS.filter(({ kinds }) => kinds.includes(kind))
  for (let tries = 1; ; tries += 1) {
    const role = weighted(random, ROLES, (one) => ROLE_WEIGHTS[one])
    const kernel = weighted(random, kernels, ({ weight }) => weight)
    const architecture = weighted(random, kernel.architectures, (one) => ARCHITECTURE_WEIGHTS[one])
    const patches = patchesFor(kernel.release, architecture)
    const modules = modulesOf(role, patches)
    const holds = HOLDS.filter((hold) => canHold(hold, kind, patches, modules))
    const fits = condition !== 'busy' || holds.some((hold) => isInTheWay(hold, kind, patches))
    if (fits || tries >= TRIES_MAX) return { role, kernel, architecture, patches, modules, holds }
  }
}
const TRIES_MAX = 200

/** Which of the patches were loaded since boot, in order. */
const historyOf = (random: Random, card: FleetCard, release: string, published: number): number[] => {
  const now = levelOf(random, card, published)
  if (now < 0) return []
  if (seriesOf(release)?.cumulative === false) return Array.from({ length: now + 1 }, (_, index) => index)
  const before = random.integer(0, now)
  return before < now && random.chance(0.5) ? [before, now] : [now]
}

/** Index of the patch that is in; -1: none. */
const levelOf = (random: Random, { kind, condition }: FleetCard, published: number): number => {
  const newest = published - 1
  if (condition === 'up_to_date') return newest
  if (condition === 'tool_fails') return Math.max(Math.min(0, newest), newest - random.integer(0, 2))
  // Its module lies on the disk, or the daemon has fetched it, and nobody has loaded it.
  if ((kind === 'kpatch_core' || kind === 'canonical') && condition === 'behind') return -1
  const half = Math.max(1, Math.ceil(published / 2))
  // A busy host goes to the newest; Ksplice's tool by several steps, KernelCare's and kGraft's over several levels.
  const atOnce = kind === 'ksplice' || kind === 'kernelcare' || kind === 'kgraft' ? half : 1
  return newest - Math.min(condition === 'busy' ? atOnce : random.integer(1, half), published)
}

const modulesOf = (role: HostRole, patches: readonly FleetPatch[]): Record<string, readonly string[]> => {
  const redirects = [...new Set(patches.flatMap((patch) => patch.redirects))]
  const found: Record<string, readonly string[]> = {}
  for (const name of MODULES_OF[role]) {
    const functions = redirects
      .filter((redirect) => objectOf(redirect) === name)
      .map((one) => one.slice(name.length + 1))
    if (functions.length > 0) found[name] = functions
  }
  return found
}

const canHold = (
  hold: Hold,
  kind: FleetKind,
  patches: readonly FleetPatch[],
  modules: HostPlan['modules'],
): boolean => {
  const object = objectOf(hold.function)
  // kGraft waits for whoever sleeps in the kernel, wherever that is.
  if (kind === 'kgraft') return hold.kind === 'uninterruptible' && object === 'vmlinux'
  return (
    (object === 'vmlinux' || object in modules) && patches.some(({ redirects }) => redirects.includes(hold.function))
  )
}

/** Whether the newest patches can't go in while it lasts; a signal ends an interruptible sleep, or the freezer does. */
export const isInTheWay = (hold: Hold, kind: FleetKind, patches: readonly FleetPatch[]): boolean => {
  if (hold.kind === 'interruptible' && kind !== 'ksplice' && kind !== 'kpatch_core') return false
  const newest = kind === 'ksplice' ? patches.slice(-Math.ceil(patches.length / 2)) : patches.slice(-1)
  return kind === 'kgraft' || newest.some(({ redirects }) => redirects.includes(hold.function))
}
