/** How agents are spread over backends: each asks some of its own to go elsewhere while it holds more than its share. */

/** How often each backend looks. */
export const SHARES_LOOK_MS = 5_000
/** One that has said nothing for so long is gone: three looks. */
export const BACKEND_GONE_MS = 15_000

/** So many are asked at once: 20 handshakes a second, of which a core does about 200. */
const ASKED_MAX = 200
/** Holding so much more than its share is no reason to send anybody away: agents come and go by themselves. */
const TOLERATED = 0.1
const TOLERATED_MIN = 2
/** What the others say of it is known when each has looked once more. */
const PAUSE_MIN = 1
/** Ten minutes of looks. */
const PAUSE_MAX = 120

/** What a backend keeps from one look to the next. */
export interface ShareMemory {
  /** Held too many at the look before as well: what others hold is known a look late. */
  readonly sawExcess: boolean
  /** When agents were asked to go: how many backends there were, the share, and how much of theirs the others had. */
  readonly asked: { readonly backends: number; readonly share: number; readonly filled: number } | null
  /** Times in a row that agents were asked and none came to where there was room. */
  readonly futile: number
  /** Looks still to be let pass. */
  readonly pause: number
}
export const NOTHING_ASKED: ShareMemory = { sawExcess: false, asked: null, futile: 0, pause: 0 }

const filledOf = (others: readonly number[], share: number): number =>
  others.reduce((sum, agents) => sum + Math.min(agents, share), 0)

/**
 * How many agents to ask now: half of what is too much, since others send some too. Where asking is of no use (agents
 * reach no other backend, or are too old to be asked) it is done ever more rarely.
 * @param held agents here
 * @param others agents of each other backend that lives
 */
export const askToGo = (
  memory: ShareMemory,
  { held, others }: { readonly held: number; readonly others: readonly number[] },
): { readonly ask: number; readonly memory: ShareMemory } => {
  const backends = others.length + 1
  const share = Math.ceil(others.reduce((sum, agents) => sum + agents, held) / backends)
  const excess = held - share
  if (excess <= Math.max(TOLERATED_MIN, share * TOLERATED)) return { ask: 0, memory: NOTHING_ASKED }
  const known = memory.asked === null || memory.asked.backends === backends ? memory : NOTHING_ASKED
  if (!known.sawExcess) return { ask: 0, memory: { ...known, sawExcess: true } }
  if (known.pause > 0) return { ask: 0, memory: { ...known, pause: known.pause - 1 } }
  const isFutile = known.asked !== null && filledOf(others, known.asked.share) <= known.asked.filled
  const futile = isFutile ? known.futile + 1 : 0
  return {
    ask: Math.min(ASKED_MAX, Math.ceil(excess / 2)),
    memory: {
      sawExcess: true,
      asked: { backends, share, filled: filledOf(others, share) },
      futile,
      pause: Math.min(PAUSE_MAX, PAUSE_MIN * 2 ** futile),
    },
  }
}
