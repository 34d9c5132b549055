import { quantile } from '../figures.ts'

export interface Spread {
  readonly median: number
  /** Null for a single value. */
  readonly p99: number | null
  /** How many values it was taken from. */
  readonly count: number
}

/** What is asked for, of which figure. Ours divided by what stands beside it is the ratio, of medians. */
export type Budget =
  | { readonly of: 'median' | 'p99' | 'ratio'; readonly atMost: number }
  | { readonly of: 'median'; readonly atLeast: number }

/** One line of a part's result. */
export interface BenchRow {
  readonly what: string
  /** Of all figures of the row; empty for a bare number. */
  readonly unit: string
  readonly ours: Spread
  /** What a user would take instead, or the bare limit, in the same run; null where nothing can stand beside it. */
  readonly beside: (Spread & { readonly name: string }) | null
  readonly ratio: number | null
  readonly budget: Budget | null
  /** Null without a budget. */
  readonly met: boolean | null
}

export interface Measured {
  readonly what: string
  readonly unit: string
  readonly values: readonly number[]
  readonly beside?: { readonly name: string; readonly values: readonly number[] }
  readonly budget?: Budget
}

/** Four digits are more than these machines can repeat. */
const rounded = (value: number): number => Number(value.toPrecision(4))

const spreadOf = (values: readonly number[]): Spread => ({
  median: rounded(quantile(values, 0.5)),
  p99: values.length > 1 ? rounded(quantile(values, 0.99)) : null,
  count: values.length,
})

const isMet = (budget: Budget, ours: Spread, ratio: number | null): boolean => {
  if ('atLeast' in budget) return ours.median >= budget.atLeast
  const figure = budget.of === 'ratio' ? ratio : budget.of === 'p99' ? (ours.p99 ?? ours.median) : ours.median
  return figure !== null && figure <= budget.atMost
}

/** Without a value nothing is met: a measurement that did not happen is no success. */
export const benchRow = ({ what, unit, values, beside, budget }: Measured): BenchRow => {
  const ours = spreadOf(values)
  const other = beside === undefined ? null : { name: beside.name, ...spreadOf(beside.values) }
  const ratio = other === null || other.median === 0 ? null : rounded(ours.median / other.median)
  const met = budget === undefined ? null : values.length > 0 && isMet(budget, ours, ratio)
  return { what, unit, ours, beside: other, ratio, budget: budget ?? null, met }
}
