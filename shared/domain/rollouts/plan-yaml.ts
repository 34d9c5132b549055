import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, stringify } from 'yaml'
import type { RolloutPlan } from '../../contract/rollout-plan.ts'
import { fieldName, type Mistake, mistakesOf, type SchemaIssue } from '../mistakes.ts'

/** As many characters as a route takes bytes for a plan. */
const PLAN_CHARACTERS_MAX = 512 * 1024
/** Aliases may stand for a list of gates; what unfolds to more than this was not written by hand. */
const ALIASES_MAX = 100

/** A mistake in a plan that was written as YAML. */
export interface PlanError {
  /** From 1. */
  readonly line: number
  /** `spec.waves[1].soakSeconds`; empty: of no field, but of how the text is written. */
  readonly field: string
  /** In full: "spec.waves[1].soakSeconds must be at least 0". */
  readonly text: string
}

export type PlanSource =
  | {
      readonly ok: true
      /** What the text says, held against no schema yet. */
      readonly value: unknown
      /** What a schema found in `value`, each at its line. */
      readonly errorsOf: (mistakes: readonly Mistake[]) => PlanError[]
    }
  | { readonly ok: false; readonly errors: readonly PlanError[] }

/** A schema of the contract: RolloutDocument, or what a file may hold besides. Given, since browsers do without zod. */
interface FileSchema<T> {
  safeParse(
    value: unknown,
  ): { success: true; data: T } | { success: false; error: { readonly issues: readonly SchemaIssue[] } }
}

const FIELDS = [
  ...['reason', 'change', 'hosts', 'exclude', 'newcomers', 'livePatching', 'waves', 'gates'],
  ...['limits', 'windows', 'budget', 'stalls', 'vanished'],
] as const satisfies readonly (keyof RolloutPlan)[]
/** Within each part: what it is first, what it holds after. Fields that are not named follow by name. */
const FIRST: readonly string[] = [
  ...['kind', 'name', 'timeZone', 'days', 'from', 'to', 'patches', 'patch', 'provider', 'level', 'share', 'of', 'key'],
  ...['values', 'hosts', 'percent', 'soakSeconds', 'gates', 'url', 'query', 'is', 'value', 'policy', 'failures'],
]

const place = (order: readonly string[], key: string): number => {
  const found = order.indexOf(key)
  return found < 0 ? order.length : found
}
const ordered = (value: unknown, order: readonly string[] = FIRST): unknown => {
  if (Array.isArray(value)) return value.map((one) => ordered(one))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, member]) => member !== undefined)
  entries.sort(([a], [b]) => place(order, a) - place(order, b) || (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, member]) => [key, ordered(member)]))
}

type Named = Pick<RolloutPlan, 'name'> & Partial<RolloutPlan>

/**
 * The plan as the file that `rebootless apply` takes: the same plan is the same text, however it was made. What older
 * readers of YAML would take for a number or a truth, as `22:00` and `no`, is quoted.
 */
export const planToYaml = ({ version: _, name, ...spec }: Named): string =>
  stringify(
    { apiVersion: 'rebootless/v1', kind: 'Rollout', metadata: { name }, spec: ordered(spec, FIELDS) },
    { lineWidth: 0, compat: 'yaml-1.1', aliasDuplicateObjects: false },
  )

/** What the library says in words of the grammar (yaml, errors.ts). */
const SYNTAX: Readonly<Partial<Record<string, string>>> = {
  BAD_ALIAS: 'An alias stands for an anchor that is not there.',
  BAD_INDENT: 'The line is not indented as those around it are.',
  BAD_SCALAR_START: 'A text that begins so must stand in quotes.',
  BLOCK_AS_IMPLICIT_KEY: 'There are two fields in one line: begin a new one, or put the value in quotes.',
  DUPLICATE_KEY: 'The field is given twice: give it once.',
  MISSING_CHAR: 'Something is not closed or not separated: a quote, a bracket, a comma, or a colon behind a field.',
  MULTIPLE_DOCS: 'There is more than one document: a plan is one.',
  MULTILINE_IMPLICIT_KEY: 'The name of a field goes over more than one line: is the colon behind it missing?',
  TAB_AS_INDENT: 'The line is indented by a tab: use spaces.',
  TAG_RESOLVE_FAILED: 'A tag is used that is not known: leave it out.',
  UNEXPECTED_TOKEN: 'Something stands here that cannot.',
}

/** Where the field begins that the path leads to, or the nearest above it that is there. */
const offsetOf = (document: Document, path: Mistake['path']): number => {
  let node: Node | null | undefined = document.contents as Node | null
  let offset = node?.range?.[0] ?? 0
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((one) => isScalar(one.key) && String(one.key.value) === String(key))
      if (pair === undefined) return offset
      offset = (pair.key as Node).range?.[0] ?? offset
      node = pair.value as Node | null
    } else if (isSeq(node) && typeof key === 'number') {
      node = node.items[key] as Node | undefined
      if (node === undefined) return offset
      offset = node.range?.[0] ?? offset
    } else return offset
  }
  return offset
}

const refused = (text: string, line = 1): PlanSource => ({ ok: false, errors: [{ line, field: '', text }] })

/** Reads the text as YAML 1.2 and holds it against nothing. It never throws, whatever it is given. */
export const readPlanYaml = (text: string): PlanSource => {
  if (text.length > PLAN_CHARACTERS_MAX) return refused('The text is too long for a plan: 512 KiB at most.')
  if (text.trim() === '') return refused('There is no plan yet: the text is empty.')
  const lines = new LineCounter()
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
    const said = [...document.errors, ...document.warnings]
    if (said.length > 0) {
      const errors = said.slice(0, 20).map(({ code, message, pos }) => ({
        line: lines.linePos(pos[0]).line,
        field: '',
        text: SYNTAX[code] ?? message,
      }))
      return { ok: false, errors }
    }
    const value: unknown = document.toJS({ maxAliasCount: ALIASES_MAX })
    const errorsOf = (mistakes: readonly Mistake[]) =>
      mistakes
        .map(({ path, text: what }): PlanError => {
          const field = fieldName(path)
          return {
            line: lines.linePos(offsetOf(document, path)).line,
            field,
            text: `${field === '' ? 'The file' : field} ${what}`,
          }
        })
        .sort((a, b) => a.line - b.line)
    return { ok: true, value, errorsOf }
  } catch (error) {
    // The library recurses over what it reads, and throws where aliases unfold to too much.
    if (error instanceof RangeError) return refused('The text is nested too deeply for a plan.')
    return refused('The text uses aliases in a way that no plan needs: write out what they stand for.')
  }
}

/** A file that was written by hand, with its defaults filled in; or all that is wrong with it. */
export const planFromYaml = <T>(
  text: string,
  schema: FileSchema<T>,
): { readonly ok: true; readonly file: T } | { readonly ok: false; readonly errors: readonly PlanError[] } => {
  const source = readPlanYaml(text)
  if (!source.ok) return source
  const result = schema.safeParse(source.value)
  if (result.success) return { ok: true, file: result.data }
  return { ok: false, errors: source.errorsOf(mistakesOf(result.error.issues, source.value)) }
}
