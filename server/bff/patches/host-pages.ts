import { decodeCursor, encodeCursor } from '../hosts/cursor.ts'

/**
 * A page of a list that was made whole. The cursor names the last host of the page before: when that one has left the list
 * meanwhile, the next page begins where it would stand.
 * @param key what the list is in order of, the id last
 * @throws DomainError `cursor_invalid`
 */
export const pageOf = <T>(
  list: readonly T[],
  key: (item: T) => readonly string[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  /** What else was asked: a cursor goes with it alone. */
  asked: string,
): { items: T[]; nextCursor: string | null } => {
  const after = cursor === undefined ? undefined : decodeCursor(asked, 'hosts', cursor, ({ length }) => length > 0)
  const behind = after === undefined ? list : list.filter((item) => compare(key(item), after) > 0)
  const last = behind[limit - 1]
  return {
    items: behind.slice(0, limit),
    nextCursor: behind.length > limit && last !== undefined ? encodeCursor(asked, 'hosts', key(last)) : null,
  }
}

/** In order of a key, which is made once for each: in a comparison it would be made some dozen times. */
export const sortByKey = <T>(list: readonly T[], key: (item: T) => readonly string[]): T[] =>
  list
    .map((item) => ({ item, key: key(item) }))
    .sort((left, right) => compare(left.key, right.key))
    .map(({ item }) => item)

const compare = (left: readonly string[], right: readonly string[]): number => {
  for (const [index, text] of left.entries()) {
    const other = right[index] ?? ''
    if (text !== other) return text < other ? -1 : 1
  }
  return 0
}
