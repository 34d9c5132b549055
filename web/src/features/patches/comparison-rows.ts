import type { PatchComparison } from '@rebootless/shared/contract/patch-comparison.ts'

type Compared = PatchComparison['functions'][number]

export interface ComparedRow {
  readonly name: string
  readonly change: 'same' | 'added' | 'removed' | 'moved'
  /** Where it stands on a side; null: not there. */
  readonly left: Compared | null
  readonly right: Compared | null
}

/**
 * One row a function. Of a name that is once on the left alone and once on the right alone it is the same function in
 * another object or by another sympos: one row, and no removal beside an addition.
 */
export const comparedRows = (functions: readonly Compared[]): ComparedRow[] => {
  const alone = (side: 'left' | 'right') => {
    const there = functions.filter((one) => one.in === side)
    const times = new Map<string, number>()
    for (const { name } of there) times.set(name, (times.get(name) ?? 0) + 1)
    return new Map(there.filter(({ name }) => times.get(name) === 1).map((one) => [one.name, one]))
  }
  const [left, right] = [alone('left'), alone('right')]
  return functions.flatMap((one): ComparedRow[] => {
    const { name } = one
    if (one.in === 'both') return [{ name, change: 'same', left: one, right: one }]
    const [gone, come] = [left.get(name), right.get(name)]
    if (gone !== undefined && come !== undefined)
      return one.in === 'left' ? [{ name, change: 'moved', left: gone, right: come }] : []
    return one.in === 'left'
      ? [{ name, change: 'removed', left: one, right: null }]
      : [{ name, change: 'added', left: null, right: one }]
  })
}
