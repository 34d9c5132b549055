import { mixed, Random } from '../core/random.ts'
import type { KernelFacts } from '../kernel/kernel-facts.ts'
import type { TaskPlan } from '../kernel/program.ts'
import { DISTRIBUTION_KERNELS, type DistributionKernel, releaseOn } from './distributions.ts'
import { HOLDS, type Hold } from './holds.ts'
import { type HostRole, loadOf, MODULES_OF, ROLES } from './loads.ts'
import { type FleetPatch, objectOf, patchesFor } from './patch-images.ts'

/** All that is settled of a simulated host before it boots. */
export interface HostPlan {
  readonly index: number
  readonly name: string
  /** As on the server: datacentre, rack, role, env. */
  readonly labels: Readonly<Record<string, string>>
  readonly role: HostRole
  readonly kernel: DistributionKernel
  readonly architecture: KernelFacts['architecture']
  /** `uname -r` */
  readonly release: string
  readonly cpus: number
  readonly uptimeSeconds: number
  readonly tasks: readonly TaskPlan[]
  /** Loaded modules with functions that some patch changes, and which. */
  readonly modules: Readonly<Record<string, readonly string[]>>
  /** Published for this kernel, oldest first. */
  readonly patches: readonly FleetPatch[]
  /** Of those, what was loaded since boot, in order; the last is in effect. */
  readonly history: readonly number[]
  /** What on this host can keep a task in one of its patches' functions. */
  readonly holds: readonly Hold[]
  /** Seed of its kernel and of what befalls it. */
  readonly seed: number
}

const DATACENTRES = ['fra1', 'ams2', 'iad1', 'sin1'] as const
const RACKS = 12
const ENVIRONMENTS = ['prod', 'prod', 'prod', 'staging', 'test'] as const
const ROLE_WEIGHTS: Readonly<Record<HostRole, number>> = { web: 34, database: 20, batch: 20, proxy: 14, idle: 12 }
const ARCHITECTURE_WEIGHTS: Readonly<Record<KernelFacts['architecture'], number>> = {
  ...{ x86_64: 84, ppc64le: 8, s390x: 6, aarch64: 12 },
}
const DAY_SECONDS = 86_400

/** The same for the same seed and index, whatever the size of the fleet. */
export const hostPlan = (seed: number, index: number): HostPlan => {
  const hostSeed = mixed(seed, index)
  const random = new Random(hostSeed)
  const role = weighted(random, ROLES, (one) => ROLE_WEIGHTS[one])
  const datacentre = random.pick(DATACENTRES)
  const kernel = weighted(random, DISTRIBUTION_KERNELS, ({ weight }) => weight)
  const architecture = weighted(random, kernel.architectures, (one) => ARCHITECTURE_WEIGHTS[one])
  const patches = patchesFor(kernel.release, architecture)
  const modules = modulesOf(role, patches)
  return {
    ...{ index, role, kernel, architecture, patches, modules },
    name: `${role}-${String(index + 1).padStart(3, '0')}.${datacentre}.sim`,
    labels: {
      ...{ datacentre, role, env: random.pick(ENVIRONMENTS) },
      rack: `r${String(random.integer(1, RACKS)).padStart(2, '0')}`,
    },
    release: releaseOn(kernel, architecture),
    cpus: random.pick([2, 2, 4, 4, 8]),
    uptimeSeconds: random.integer(2 * DAY_SECONDS, 120 * DAY_SECONDS),
    tasks: loadOf(role, random.fork()),
    history: historyOf(random, patches.length),
    holds: HOLDS.filter((hold) => canHold(hold, patches, modules)),
    seed: hostSeed,
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

/** Most run the patch before the newest or the newest; some loaded an older one at boot, some have none. */
const historyOf = (random: Random, published: number): number[] => {
  if (published === 0 || random.chance(0.07)) return []
  const now = Math.max(0, published - 1 - random.integer(0, 2))
  const before = random.integer(0, now)
  return before < now && random.chance(0.5) ? [before, now] : [now]
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

const canHold = (hold: Hold, patches: readonly FleetPatch[], modules: HostPlan['modules']): boolean => {
  const object = objectOf(hold.function)
  return (
    (object === 'vmlinux' || object in modules) && patches.some(({ redirects }) => redirects.includes(hold.function))
  )
}
