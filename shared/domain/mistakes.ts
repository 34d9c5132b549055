/** Something in a document that its schema does not take: where, and what, without the value, which may be secret. */
export interface Mistake {
  readonly path: readonly (string | number)[]
  /** Follows the field's name: "is missing". */
  readonly text: string
}

/** What a zod issue holds of what is looked at here. */
export interface SchemaIssue {
  readonly code?: string | undefined
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly expected?: unknown
  readonly origin?: unknown
  readonly minimum?: unknown
  readonly maximum?: unknown
  readonly inclusive?: unknown
  readonly values?: unknown
  readonly format?: unknown
  readonly keys?: unknown
}

const MISTAKES_MAX = 20
const EXPECTED: Readonly<Partial<Record<string, string>>> = {
  string: 'should be a text',
  number: 'should be a number',
  int: 'should be a whole number',
  boolean: 'should be true or false',
  array: 'should be a list',
  object: 'should have fields of its own',
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown => {
  let found = value
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined
    found = (found as Record<PropertyKey, unknown>)[key]
  }
  return found
}

const boundText = ({ code, origin, minimum, maximum, inclusive }: SchemaIssue): string => {
  const isSmall = code === 'too_small'
  const bound = String(isSmall ? minimum : maximum)
  if (origin === 'string') {
    return isSmall && bound === '1' ? 'is empty' : `is too ${isSmall ? 'short' : 'long'}: ${bound} characters`
  }
  if (origin === 'array') {
    if (isSmall && bound === '1') return 'is empty: it needs at least one'
    return isSmall ? `needs at least ${bound}` : `has too many: ${bound} at most`
  }
  if (inclusive === false) return isSmall ? `must be more than ${bound}` : `must be less than ${bound}`
  return isSmall ? `must be at least ${bound}` : `must be at most ${bound}`
}

const textOf = (issue: SchemaIssue, value: unknown): string => {
  const found = valueAt(value, issue.path)
  if (found === undefined) return 'is missing'
  switch (issue.code) {
    case 'invalid_type':
      return EXPECTED[String(issue.expected)] ?? 'is of another kind than it should be'
    case 'invalid_value':
      return Array.isArray(issue.values)
        ? `should be ${issue.values.slice(0, 20).join(', or ')}`
        : 'is not one there is'
    case 'invalid_union':
      return 'is not one there is'
    case 'too_small':
    case 'too_big':
      return boundText(issue)
    case 'invalid_format':
      return issue.format === 'url'
        ? 'should be an address, as https://host.example/'
        : found === ''
          ? 'is empty'
          : 'is not written as it should be'
    default:
      return issue.message.slice(0, 120)
  }
}

/** The first twenty, in words; a field that is not known stands for itself. */
export const mistakesOf = (issues: readonly SchemaIssue[], value: unknown): Mistake[] =>
  issues
    .flatMap((issue): Mistake[] => {
      const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key).slice(0, 64)))
      if (issue.code !== 'unrecognized_keys' || !Array.isArray(issue.keys))
        return [{ path, text: textOf(issue, value) }]
      return issue.keys.map((key) => ({
        path: [...path, String(key).slice(0, 64)],
        text: 'is not known here: leave it out',
      }))
    })
    .slice(0, MISTAKES_MAX)

/** `waves[1].soakSeconds` */
export const fieldName = (path: Mistake['path']): string =>
  path.reduce<string>(
    (name, key) => (typeof key === 'number' ? `${name}[${key}]` : name === '' ? key : `${name}.${key}`),
    '',
  )
