import type { RolloutPlan } from '../../contract/rollout-plan.ts'
import type { RolloutHost } from './rollout-state.ts'

export interface PlannedWave {
  readonly name: string
  readonly hosts: readonly RolloutHost[]
  /** For each limit by a label: how many hosts of each value go in this wave, the most first. */
  readonly domains: readonly {
    readonly label: string
    readonly atMost: number
    readonly values: readonly { readonly value: string | null; readonly hosts: number }[]
  }[]
}

export interface PlannedWaves {
  readonly waves: readonly PlannedWave[]
  readonly others: readonly {
    readonly host: RolloutHost
    readonly stage: 'left out' | 'due for a boot'
    readonly why: string
  }[]
}

/** FNV-1a with a finaliser, 32 bits: the same on each machine. */
const hash = (text: string): number => {
  let bits = 0x81_1c_9d_c5
  for (let index = 0; index < text.length; index += 1) bits = Math.imul(bits ^ text.charCodeAt(index), 0x01_00_01_93)
  bits = Math.imul(bits ^ (bits >>> 16), 0x85_eb_ca_6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2_b2_ae_35)
  return (bits ^ (bits >>> 16)) >>> 0
}

/** Hosts in an order that is this rollout's own and always the same: a wave is spread over the fleet, and no host is every rollout's canary. */
export const inRolloutOrder = (rollout: string, hosts: readonly RolloutHost[]): RolloutHost[] =>
  hosts
    .map((host) => ({ host, key: hash(`${rollout}/${host.id}`) }))
    .sort((a, b) => a.key - b.key || (a.host.id < b.host.id ? -1 : 1))
    .map(({ host }) => host)

/** The label's value; null: it has none. */
const labelOf = ({ labels }: RolloutHost, key: string): string | null =>
  Object.hasOwn(labels, key) ? (labels[key] ?? null) : null

export const domainsOf = (plan: RolloutPlan, host: RolloutHost): (string | null)[] =>
  plan.limits.domains.map(({ label }) => labelOf(host, label))

/** What becomes of a host that is in no wave because of itself; null: it goes in one. */
export const otherwise = (
  plan: RolloutPlan,
  excluded: ReadonlySet<string>,
  host: RolloutHost,
): { stage: 'left out' | 'due for a boot'; why: string } | null => {
  if (excluded.has(host.id)) return { stage: 'left out', why: 'The plan leaves it out by name.' }
  if (plan.livePatching === 'never') return { stage: 'due for a boot', why: 'The plan live patches no host.' }
  if (host.fit.fits) return null
  return { stage: plan.livePatching === 'only' ? 'left out' : 'due for a boot', why: host.fit.why }
}

const valuesOf = (hosts: readonly RolloutHost[], label: string) => {
  const counts = new Map<string | null, number>()
  for (const host of hosts) {
    const value = labelOf(host, label)
    counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return [...counts].map(([value, count]) => ({ value, hosts: count })).sort((a, b) => b.hosts - a.hosts)
}

/** 1.1 % of 1,000 is 11, which floating point puts a hair above. */
const roundedUp = (share: number): number => Math.ceil(share - 1e-9)

/** Who goes in which wave, exactly: what the preview shows is what a rollout of this id does. */
export const planWaves = (plan: RolloutPlan, hosts: readonly RolloutHost[], rollout: string): PlannedWaves => {
  const excluded = new Set(plan.exclude)
  const others: PlannedWaves['others'][number][] = []
  let remaining: RolloutHost[] = []
  for (const host of inRolloutOrder(rollout, hosts)) {
    const other = otherwise(plan, excluded, host)
    if (other === null) remaining.push(host)
    else others.push({ host, ...other })
  }
  const total = remaining.length
  const waves = plan.waves.map(({ name, share }): PlannedWave => {
    let taken: RolloutHost[]
    if (share.kind === 'label') {
      const values = new Set<string | null>(share.values)
      taken = remaining.filter((host) => values.has(labelOf(host, share.key)))
      const gone = new Set(taken)
      remaining = remaining.filter((host) => !gone.has(host))
    } else {
      const count =
        share.kind === 'rest' ? total : share.kind === 'count' ? share.hosts : roundedUp((total * share.percent) / 100)
      taken = remaining.slice(0, count)
      remaining = remaining.slice(count)
    }
    const domains = plan.limits.domains.map(({ label, atMost }) => ({ label, atMost, values: valuesOf(taken, label) }))
    return { name, hosts: taken, domains }
  })
  const left = remaining.map((host) => ({ host, stage: 'left out' as const, why: 'No wave of the plan takes it.' }))
  return { waves, others: [...others, ...left] }
}
