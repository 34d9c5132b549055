import { BACK_OFF } from '../agent/link/back-off.ts'

/** So rarely does a run in which all is right see more. */
const CHANCE = 1e-6

/**
 * The chance, or more, that an agent dials `dials` times within an outage: that as many waits drawn by its back-off fit into it. Each is
 * uniform up to its bound, so of any of them the chance is at most the volume of the simplex divided by that of the box.
 */
const chanceOf = (dials: number, outageMs: number): number => {
  let least = 1
  let volume = 1
  // The longest waits alone, then one more each: the short ones hardly count, and each subset bounds the whole.
  for (let taken = 1; taken <= dials; taken += 1) {
    const bound = Math.min(BACK_OFF.capMs, BACK_OFF.baseMs * 2 ** (dials - taken))
    volume *= outageMs / bound / taken
    least = Math.min(least, volume)
  }
  return least
}

/** How often one of so many agents may dial within an outage by `backOffMs`, but for a chance of one in a million. */
export const dialsAllowed = (agents: number, outageMs: number): number => {
  let dials = 1
  while (agents * chanceOf(dials, outageMs) > CHANCE) dials += 1
  return dials - 1
}
