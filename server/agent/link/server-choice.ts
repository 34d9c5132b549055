/** Which of a host's servers the next link goes to. */
export interface ServerChoice {
  /** That of the present link, or of the last; undefined: there was none. */
  current(): string | undefined
  /**
   * The address to dial: the present one until it is left.
   * @param enrolledAt the only one where no addresses are given
   */
  next(enrolledAt: string): Promise<string>
  /**
   * The next link goes elsewhere, if there is anywhere else.
   * @param wasGood it had been spoken with: all others may be tried anew
   * @returns whether there is one that has not failed since one was good
   */
  leave(wasGood: boolean): boolean
}

/**
 * Chosen by chance, at first and among those that have not failed: so the agents of a server that is gone spread over
 * all that are left.
 * @param addresses asked anew each time: the host's own settings may have changed
 */
export const createServerChoice = (addresses: () => Promise<readonly string[]>, random: () => number): ServerChoice => {
  const failed = new Set<string>()
  let known: readonly string[] = []
  let current: string | undefined
  let leaving = false

  return {
    current: () => current,
    async next(enrolledAt) {
      const given = await addresses()
      known = given.length === 0 ? [enrolledAt] : given
      if (current === undefined || leaving || !known.includes(current)) {
        const among = known.filter((address) => !failed.has(address))
        current = among[Math.floor(random() * among.length)] ?? known[0] ?? enrolledAt
      }
      leaving = false
      return current
    },
    leave(wasGood) {
      if (current === undefined) return false
      if (wasGood) failed.clear()
      failed.add(current)
      leaving = true
      if (known.some((address) => !failed.has(address))) return true
      failed.clear()
      // Lest the one that has just failed be the next.
      if (known.length > 1) failed.add(current)
      return false
    },
  }
}
