/** Reads one value of an address's search; undefined for what is missing or makes no sense. */
type Reader<Value> = (value: unknown) => Value | undefined

export const oneOf =
  <Word extends string>(words: readonly Word[]): Reader<Word> =>
  (value) =>
    words.find((word) => word === value)

export const textUpTo =
  (charactersMax: number): Reader<string> =>
  (value) =>
    typeof value === 'string' && value.length <= charactersMax ? value : undefined

/**
 * A route's search from an address that anybody may have written: known keys with values that make sense, and nothing
 * else. By hand, since even the small zod would be a tenth of what every page loads first.
 */
export const searchOf =
  <Search extends object>(readers: { readonly [Key in keyof Search]-?: Reader<NonNullable<Search[Key]>> }) =>
  (given: Record<string, unknown>): Search => {
    const read = Object.entries<Reader<unknown>>(readers).map(([key, reader]) => [key, reader(given[key])] as const)
    return Object.fromEntries(read.filter(([, value]) => value !== undefined)) as Search
  }
