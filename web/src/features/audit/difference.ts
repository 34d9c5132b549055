export interface Difference {
  /** Where: `scope`, or `labels.env` of a field in a field. */
  readonly name: string
  /** Null: it was not there, or is not there any more. */
  readonly before: string | null
  readonly after: string | null
}

type Fields = Readonly<Record<string, unknown>> | null

const DEPTH_MAX = 3

const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Every field of either side, by name; those in fields beside each other as far down as is readable. */
const flat = (fields: Fields, prefix = '', depth = 1): Map<string, string> => {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(fields ?? {})) {
    if (isFields(value) && Object.keys(value).length > 0 && depth < DEPTH_MAX) {
      for (const [name, text] of flat(value, `${prefix}${key}.`, depth + 1)) found.set(name, text)
    } else found.set(`${prefix}${key}`, textOf(value))
  }
  return found
}

/** What an act changed, field by field; what is alike on both sides comes last. */
export const differenceOf = (before: Fields, after: Fields): { changed: Difference[]; alike: Difference[] } => {
  const [left, right] = [flat(before), flat(after)]
  const all = [...new Set([...left.keys(), ...right.keys()])].map((name) => ({
    name,
    before: left.get(name) ?? null,
    after: right.get(name) ?? null,
  }))
  const isAlike = (one: Difference) => one.before === one.after
  return { changed: all.filter((one) => !isAlike(one)), alike: all.filter(isAlike) }
}
