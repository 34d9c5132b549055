/** What a run of faults reached: how often each fault met each state, so that a run that tries little is seen to (T40). */
export const createFaultReport = () => {
  const met = new Map<string, Map<string, number>>()
  return {
    meet(fault: string, states: Iterable<string>): void {
      const row = met.get(fault) ?? new Map<string, number>()
      met.set(fault, row)
      for (const state of states) row.set(state, (row.get(state) ?? 0) + 1)
    },
    /** The states that a fault has met, in alphabetical order. */
    statesOf: (fault: string): string[] => [...(met.get(fault)?.keys() ?? [])].sort(),
    /** One line a fault: `link lost: sent 12, waiting 7`. */
    text: (): string =>
      [...met]
        .map(([fault, row]) => {
          const counts = [...row].sort(([left], [right]) => (left < right ? -1 : 1))
          return `  ${fault}: ${counts.map(([state, count]) => `${state} ${count}`).join(', ') || 'nothing'}`
        })
        .sort()
        .join('\n'),
  }
}
