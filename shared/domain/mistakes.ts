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
  /** Of a union: what each alternative says. */
  readonly errors?: unknown
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

const FORMATS: Readonly<Partial<Record<string, string>>> = {
  url: 'should be an address, as https://host.example/',
  email: 'should be a mail address, as ops@host.example',
  uuid: 'should be an id, as 3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  datetime: 'should be a time of UTC, as 2026-11-27T09:00:00.000Z',
  date: 'should be a day, as 2026-11-27',
}
/** A pattern says nothing to people; what a schema says in its place does. */
const ownWords = (message: string): string =>
  /^Invalid /.test(message) ? 'is not written as it should be' : message.slice(0, 120)

/** Of the alternatives the one that was nearest: most likely it was meant. */
const unionText = ({ errors, path }: SchemaIssue, value: unknown): string => {
  const branches: readonly (readonly SchemaIssue[])[] = Array.isArray(errors) ? errors : []
  const depth = (branch: readonly SchemaIssue[]) => Math.max(...branch.map((issue) => issue.path.length))
  const [nearest] = branches.toSorted((left, right) => depth(right) - depth(left) || left.length - right.length)
  const [first] = nearest ?? []
  if (first === undefined) return 'is not one there is'
  const text = textOf(first, valueAt(value, path))
  return first.path.length === 0 ? text : `cannot be so: ${fieldName(first.path.map(pathKey))} ${text}`
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
  // A rule over several fields says itself what is missing, and why.
  if (found === undefined && issue.code !== 'custom') return 'is missing'
  switch (issue.code) {
    case 'invalid_type':
      return EXPECTED[String(issue.expected)] ?? 'is of another kind than it should be'
    case 'invalid_value':
      return Array.isArray(issue.values)
        ? `should be ${issue.values.slice(0, 20).join(', or ')}`
        : 'is not one there is'
    case 'invalid_union':
      return unionText(issue, value)
    case 'too_small':
    case 'too_big':
      return boundText(issue)
    case 'invalid_format':
      return FORMATS[String(issue.format)] ?? (found === '' ? 'is empty' : ownWords(issue.message))
    default:
      return issue.message.slice(0, 120)
  }
}

const pathKey = (key: PropertyKey): string | number => (typeof key === 'number' ? key : String(key).slice(0, 64))

/** The first twenty, in words; a field that is not known stands for itself. */
export const mistakesOf = (issues: readonly SchemaIssue[], value: unknown): Mistake[] =>
  issues
    .flatMap((issue): Mistake[] => {
      const path = issue.path.map(pathKey)
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
