/**
 * The parts of `npm run bench`, in the order in which all of them run. Each is a program that takes its own numbers, prints what it
 * found by `startReport`, ends with status 1 when a budget was missed, and has marks in docs/benchmarks.md.
 */
export const PARTS = {
  queries: 'e2e/bench/queries.ts',
  http: 'server/bench/http.ts',
  ingestion: 'e2e/bench/ingestion.ts',
  links: 'server/bench/links.ts',
  growth: 'server/bench/growth.ts',
  'simulated-fleet': 'server/bench/simulated-fleet.ts',
  flood: 'server/bench/flood.ts',
  reconnect: 'server/bench/reconnect.ts',
  'rollout-step': 'server/bench/rollout-step.ts',
  'rollout-driver': 'server/bench/rollout-driver.ts',
  exposure: 'server/bench/exposure.ts',
  'alert-step': 'server/bench/alert-step.ts',
  'rollout-page': 'e2e/bench/rollout-page.ts',
  painted: 'e2e/bench/painted.ts',
  'page-load': 'e2e/bench/page-load.ts',
  agent: 'e2e/bench/agent.ts',
} as const
type Part = keyof typeof PARTS

interface Asked {
  readonly parts: readonly Part[]
  /** For the part that is named. */
  readonly words: readonly string[]
  /** Results of runs with numbers of their own are kept too. */
  readonly keep: boolean
}

/** What stands behind `npm run bench --`: nothing, a part and its numbers, or sizes of simulated fleets alone. */
export const readLine = (line: readonly string[]): Asked | { readonly unknown: string } => {
  const words = line.filter((word) => word !== '--keep')
  const keep = words.length < line.length
  const names = Object.keys(PARTS) as Part[]
  const [first] = words
  if (first === undefined) return { parts: names, words: [], keep }
  if (/^[\d,]+$/.test(first)) return { parts: ['simulated-fleet'], words, keep }
  const part = names.find((name) => name === first)
  return part === undefined ? { unknown: first } : { parts: [part], words: words.slice(1), keep }
}
