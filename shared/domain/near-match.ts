/** Edit distance (Levenshtein), with a transposition counted as one edit. */
const distance = (a: string, b: string): number => {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...Array.from({ length: b.length }, () => 0)])
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0
  for (let j = 0; j <= b.length; j++) (rows[0] ?? [])[j] = j
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, at(i - 2, j - 2) + 1)
      ;(rows[i] ?? [])[j] = best
    }
  }
  return at(a.length, b.length)
}

/** The known word that someone most likely meant, or undefined when none is near. Words over 32 characters have none. */
export const nearMatch = (word: string, known: readonly string[]): string | undefined => {
  if (word.length > 32) return undefined
  const lower = word.toLowerCase()
  const begins = lower.length >= 2 ? known.find((candidate) => candidate.startsWith(lower)) : undefined
  const ranked = known
    .map((candidate) => ({ candidate, edits: distance(lower, candidate) }))
    .filter(({ candidate, edits }) => edits <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.edits - b.edits)
  return ranked[0]?.candidate ?? begins
}
