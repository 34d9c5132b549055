import type { RolloutHostList } from '@rebootless/shared/contract/rollouts-api.ts'

export type RolloutHost = RolloutHostList['items'][number]

/**
 * All hosts of a rollout, each in its wave. What did not change stays the same object, rows and whole waves: pictures and
 * tables of ten thousand hosts look at nothing else.
 */
export interface RolloutHosts {
  /** By the place of the wave, from 0, in the order in which they go. */
  readonly waves: readonly (readonly RolloutHost[])[]
  /** Of no wave: left out, or due for a boot. */
  readonly others: readonly RolloutHost[]
  readonly total: number
  /** Number of the latest change that is in it. */
  readonly changes: number
}

const NO_HOSTS: RolloutHosts = { waves: [], others: [], total: 0, changes: 0 }

const isSame = (before: RolloutHost, after: RolloutHost): boolean =>
  before.stage === after.stage &&
  before.since === after.since &&
  before.why === after.why &&
  before.attempt === after.attempt &&
  before.wave === after.wave &&
  before.name === after.name

const OTHERS = -1
const groupOf = ({ wave }: RolloutHost): number => wave ?? OTHERS

/** @param given rows that are new or changed, and how many changes they know of */
export const joinHosts = (
  before: RolloutHosts | undefined,
  given: { readonly items: readonly RolloutHost[]; readonly changes: number },
): RolloutHosts => {
  const { waves, others, changes } = before ?? NO_HOSTS
  const groups = new Map<number, readonly RolloutHost[]>([[OTHERS, others], ...waves.entries()])
  const fresh = new Map(given.items.map((host) => [host.id, host]))
  const next = new Map<number, RolloutHost[]>()
  const change = (group: number): RolloutHost[] => {
    const copy = next.get(group) ?? [...(groups.get(group) ?? [])]
    next.set(group, copy)
    return copy
  }
  for (const [group, hosts] of groups) {
    // Backwards, so that taking one out moves none that is still to come.
    for (let index = hosts.length - 1; index >= 0 && fresh.size > 0; index -= 1) {
      const known = hosts[index]
      const host = known === undefined ? undefined : fresh.get(known.id)
      if (known === undefined || host === undefined || groupOf(host) !== groupOf(known)) {
        if (host !== undefined) change(group).splice(index, 1)
        continue
      }
      fresh.delete(host.id)
      if (!isSame(known, host)) change(group)[index] = host
    }
  }
  // Those that are left are new, or of another wave than before: they go last there.
  for (const host of fresh.values()) change(groupOf(host)).push(host)
  const latest = Math.max(changes, given.changes)
  if (next.size === 0 && before !== undefined) return latest === changes ? before : { ...before, changes: latest }
  const count = Math.max(waves.length, ...[...next.keys()].map((group) => group + 1))
  const joined = Array.from({ length: count }, (_, wave) => next.get(wave) ?? waves[wave] ?? [])
  const rest = next.get(OTHERS) ?? others
  return {
    waves: joined,
    others: rest,
    total: joined.reduce((sum, wave) => sum + wave.length, rest.length),
    changes: latest,
  }
}

/** In the order in which they go, those of no wave last. */
export const chosenHosts = (
  { waves, others }: RolloutHosts,
  { wave, stage }: { readonly wave?: number | undefined; readonly stage?: RolloutHost['stage'] | undefined },
): readonly RolloutHost[] => {
  const among = wave === undefined ? [...waves.flat(), ...others] : (waves[wave] ?? [])
  return stage === undefined ? among : among.filter((host) => host.stage === stage)
}
