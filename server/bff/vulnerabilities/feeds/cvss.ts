/** Weights of CVSS v3.1 (FIRST, specification document, section 7.4); of PR with the scope unchanged. */
const WEIGHTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  PR: { N: 0.85, L: 0.62, H: 0.27 },
  UI: { N: 0.85, R: 0.62 },
  C: { H: 0.56, L: 0.22, N: 0 },
  I: { H: 0.56, L: 0.22, N: 0 },
  A: { H: 0.56, L: 0.22, N: 0 },
}
const PRIVILEGES_WHEN_CHANGED: Readonly<Record<string, number>> = { N: 0.85, L: 0.68, H: 0.5 }

/** Appendix A of the same: up to one decimal, without what binary fractions add. */
const roundUp = (value: number): number => {
  const whole = Math.round(value * 100_000)
  return whole % 10_000 === 0 ? whole / 100_000 : (Math.floor(whole / 10_000) + 1) / 10
}

/**
 * The base score of a vector of CVSS v3.0 or v3.1, by section 7.1, for sources that give no number.
 * @returns null: not such a vector
 */
export const baseScoreOf = (vector: string): { version: string; score: number } | null => {
  const [, version, rest] = /^CVSS:(3\.[01])\/([A-Z:/]{1,200})$/.exec(vector) ?? []
  if (version === undefined || rest === undefined) return null
  const metrics = new Map(rest.split('/').map((part) => part.split(':') as [string, string]))
  const scope = metrics.get('S')
  if (scope !== 'U' && scope !== 'C') return null
  const weight = (metric: string): number => {
    const value = metrics.get(metric) ?? ''
    const changed = metric === 'PR' && scope === 'C' ? PRIVILEGES_WHEN_CHANGED[value] : undefined
    return changed ?? WEIGHTS[metric]?.[value] ?? Number.NaN
  }
  const base = 1 - (1 - weight('C')) * (1 - weight('I')) * (1 - weight('A'))
  const impact = scope === 'U' ? 6.42 * base : 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15
  const exploitability = 8.22 * weight('AV') * weight('AC') * weight('PR') * weight('UI')
  if (Number.isNaN(impact + exploitability)) return null
  if (impact <= 0) return { version, score: 0 }
  const sum = scope === 'U' ? impact + exploitability : 1.08 * (impact + exploitability)
  return { version, score: roundUp(Math.min(sum, 10)) }
}
