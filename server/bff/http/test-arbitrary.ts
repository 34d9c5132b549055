import fc from 'fast-check'
import * as z from 'zod'

/** The parts of JSON Schema that zod writes for the contract. */
interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema | boolean
  readonly propertyNames?: JsonSchema
  readonly items?: JsonSchema | false
  readonly prefixItems?: readonly JsonSchema[]
  readonly pattern?: string
  readonly format?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
}

/** Text that breaks parsers, databases and shells. */
export const hostileWord: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '\0',
    '\ud800',
    '%',
    '*',
    '"',
    "'; drop table hosts; --",
    '\\',
    '../..',
    '$(id)',
    '\u202e',
    '\x1b[2J',
  ),
  fc.constantFrom('name', '-lastSeen', '1', '500', '-1', '1e3', 'NaN', 'true', '__proto__', 'constructor', 'admin'),
  fc.constantFrom('state:stalled', 'name:"', '-', 'label.a:*', '10000-01-01T00:00:00Z', 'x'.repeat(5_000)),
  fc.string({ unit: 'binary', maxLength: 40 }),
)

const textOf = ({ pattern, format, minLength = 0, maxLength = 64 }: JsonSchema): fc.Arbitrary<unknown> => {
  if (format === 'uuid') return fc.uuid()
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
  if (pattern !== undefined) {
    try {
      return fc.stringMatching(new RegExp(pattern, 'u'))
    } catch {
      // fast-check writes no text for some patterns, such as those that look ahead.
      return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 64)) })
    }
  }
  return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 64)) })
}

const objectOf = (schema: JsonSchema): fc.Arbitrary<unknown> => {
  const { properties = {}, required = [], additionalProperties, propertyNames } = schema
  const recordOf = (known: readonly (readonly [string, JsonSchema])[]) =>
    fc.record(Object.fromEntries(known.map(([name, property]) => [name, valid(property)])), {
      requiredKeys: [...required],
    })
  if (typeof additionalProperties !== 'object') return recordOf(Object.entries(properties))
  if (propertyNames?.enum !== undefined) {
    return recordOf(propertyNames.enum.map((name) => [String(name), additionalProperties]))
  }
  return fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), valid(additionalProperties), { maxKeys: 3 })
}

/** What a schema takes, or nearly: refinements that JSON Schema cannot say are not kept. */
const valid = (schema: JsonSchema): fc.Arbitrary<unknown> => {
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return fc.oneof(...choices.map(valid))
  if (schema.allOf !== undefined) return valid(Object.assign({}, ...schema.allOf))
  const { minimum = -1_000, maximum = 1_000_000 } = schema
  switch (schema.type) {
    case 'object':
      return objectOf(schema)
    case 'array':
      if (schema.prefixItems !== undefined) return fc.tuple(...schema.prefixItems.map(valid))
      return fc.array(valid(schema.items || {}), { maxLength: 4 })
    case 'string':
      return textOf(schema)
    case 'integer':
      return fc.integer({ min: Math.max(minimum, -1_000), max: Math.min(maximum, 1_000_000) })
    case 'number':
      return fc.double({ min: minimum, max: maximum, noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    default:
      return fc.jsonValue()
  }
}

const broken: fc.Arbitrary<unknown> = fc.oneof(hostileWord, fc.jsonValue(), fc.constant(undefined))

type Seed = readonly [at: number, key: string, instead: unknown]

/** Changes one place of a value: another value, a key or an element too many, a list in its stead. */
const mutate = (value: unknown, [at, key, instead]: Seed): unknown => {
  if (typeof value !== 'object' || value === null) return instead
  if (Array.isArray(value)) {
    return at % 3 === 0 ? [...value, instead] : value.map((one, n) => (n === at % value.length ? instead : one))
  }
  const names = Object.keys(value)
  const name = names[at % (names.length + 1)] ?? key
  const inner = (value as Record<string, unknown>)[name]
  const next = at % 2 === 0 && typeof inner === 'object' ? mutate(inner, [at >> 1, key, instead]) : instead
  return { ...value, [name]: at % 7 === 0 ? [inner, next] : next }
}

/** Values of a schema, two thirds of them spoilt in a few places. */
export const nearly = (schema: z.ZodType): fc.Arbitrary<unknown> => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' })
  const places = fc.array(fc.tuple(fc.nat(1_000), hostileWord, broken), { maxLength: 2 })
  return fc.tuple(valid(rest as JsonSchema), places).map(([value, seeds]) => seeds.reduce(mutate, value))
}
