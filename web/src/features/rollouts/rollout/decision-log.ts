import type { RolloutDecisionList } from '@rebootless/shared/contract/rollouts-api.ts'

export type Decision = RolloutDecisionList['items'][number]

/** The newest decisions without a gap, newest first; older ones may be asked for. */
export interface DecisionLog {
  readonly items: readonly Decision[]
  readonly total: number
}

/** Whether what was known and a page of the newest stand side by side: no decision between them is missing. */
export const isJoined = (known: DecisionLog, newest: readonly Decision[]): boolean => {
  const oldest = newest.at(-1)
  const latest = known.items[0]
  return oldest === undefined || latest === undefined || oldest.number <= latest.number + 1
}

/** A log is only appended to: what has one number is one decision. */
export const joinDecisions = (known: DecisionLog | undefined, page: DecisionLog): DecisionLog => {
  if (known === undefined) return page
  const numbers = new Set(page.items.map(({ number }) => number))
  const items = [...page.items, ...known.items.filter(({ number }) => !numbers.has(number))]
  return { items: items.sort((left, right) => right.number - left.number), total: Math.max(known.total, page.total) }
}
