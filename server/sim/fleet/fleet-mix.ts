import { mixed, Random } from '../core/random.ts'

/** What patches a host, and by which tool it is known. */
export const FLEET_KINDS = [
  /** Livepatches without any tool. */
  'livepatch',
  /** SUSE's livepatches with `klp`; Red Hat's and Amazon's with `kpatch`; Canonical's with its own daemon. */
  'klp',
  'kpatch',
  'amazon',
  'canonical',
  /** Systems of their own. `kpatch_core`: the core that kpatch had before there was livepatch. */
  'kpatch_core',
  'kgraft',
  'ksplice',
  'kernelcare',
  /** A distribution that publishes no live patches. */
  'none',
] as const
export type FleetKind = (typeof FLEET_KINDS)[number]

/** How a host stands when the fleet starts. `busy`: its tool works at an upgrade, round after round. */
export type Condition = 'up_to_date' | 'behind' | 'busy' | 'tool_fails'

export interface FleetCard {
  readonly kind: FleetKind
  readonly condition: Condition
}

const EACH_ONCE: Readonly<Record<Condition, number>> = { up_to_date: 1, behind: 1, busy: 1, tool_fails: 1 }
/** Of sixty hosts. Mostly SUSE's, since its livepatches are the ones whose functions are published. */
const COUNTS: Readonly<Record<FleetKind, Partial<Record<Condition, number>>>> = {
  livepatch: { up_to_date: 6, behind: 4 },
  klp: { up_to_date: 11, behind: 6, busy: 1, tool_fails: 2 },
  kpatch: EACH_ONCE,
  amazon: EACH_ONCE,
  canonical: EACH_ONCE,
  kpatch_core: EACH_ONCE,
  kgraft: EACH_ONCE,
  ksplice: EACH_ONCE,
  kernelcare: EACH_ONCE,
  none: { up_to_date: 2 },
}

const DECK: readonly FleetCard[] = FLEET_KINDS.flatMap((kind) =>
  (Object.entries(COUNTS[kind]) as [Condition, number][]).flatMap(([condition, count]) =>
    Array.from({ length: count }, () => ({ kind, condition })),
  ),
)

const PART = -11
const shuffledDecks = new Map<string, readonly FleetCard[]>()

/** Every sixty hosts hold each kind in each condition, in an order that seed and place decide. */
export const cardOf = (seed: number, index: number): FleetCard => {
  const block = Math.floor(index / DECK.length)
  const key = `${seed} ${block}`
  let deck = shuffledDecks.get(key)
  if (deck === undefined) {
    deck = shuffled(new Random(mixed(mixed(seed, PART), block)), DECK)
    if (shuffledDecks.size > 1_000) shuffledDecks.clear()
    shuffledDecks.set(key, deck)
  }
  const card = deck[index % DECK.length]
  if (card === undefined) throw new Error('the deck is empty')
  return card
}

/** Fisher and Yates. */
export const shuffled = <T>(random: Random, items: readonly T[]): T[] => {
  const list = [...items]
  for (let last = list.length - 1; last > 0; last -= 1) {
    const other = random.integer(0, last)
    const [one, two] = [list[last], list[other]]
    if (one !== undefined && two !== undefined) [list[last], list[other]] = [two, one]
  }
  return list
}
