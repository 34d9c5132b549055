import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { type FilterPattern, type FilterWord, matchesPattern, parseFilter } from '@rebootless/shared/domain/filter.ts'
import { HOST_STATES } from '@rebootless/shared/domain/words.ts'
import { type RawBuilder, sql } from 'kysely'
import { databaseText } from '../database/database-text.ts'

type Condition = RawBuilder<boolean>
type Text = RawBuilder<string | null>

/** PostgreSQL, 9.7.1: `%`, `_` and the escape character itself stand for themselves behind a backslash. */
const likePattern = ({ parts }: FilterPattern) =>
  databaseText(parts.map((part) => part.replace(/[\\%_]/g, '\\$&')).join('%'))

const matches = (text: Text, pattern: FilterPattern): Condition => {
  const [only = ''] = pattern.parts
  return pattern.parts.length === 1
    ? sql<boolean>`lower(${text}) = lower(${databaseText(only)})`
    : sql<boolean>`lower(${text}) like lower(${likePattern(pattern)})`
}

const any = (conditions: readonly Condition[]): Condition => sql<boolean>`(${sql.join(conditions, sql` or `)})`
const matchesAny = (text: Text, { patterns }: FilterWord): Condition =>
  any(patterns.map((pattern) => matches(text, pattern)))

const element = sql<string>`element.value`
const someElement = (array: RawBuilder<string[]>, word: FilterWord): Condition =>
  sql<boolean>`exists (select from unnest(${array}) as element(value) where ${matchesAny(element, word)})`

/** CVEs are stored in upper case, so an exact one is looked up as it is: hosts may hold a thousand. */
const cve = (word: FilterWord): Condition =>
  word.patterns.every(({ parts }) => parts.length === 1)
    ? sql<boolean>`hosts.cves && ${word.patterns.map(({ parts }) => databaseText(parts[0] ?? '').toUpperCase())}::text[]`
    : someElement(sql`hosts.cves`, word)

/** Of its class; an exact CVE finds its row by the key. */
const exposedTo = (word: FilterWord): Condition => {
  const is = any(
    word.patterns.map((pattern) =>
      pattern.parts.length === 1
        ? sql<boolean>`verdict.cve_id = ${databaseText(pattern.parts[0] ?? '').toUpperCase()}`
        : matches(sql`verdict.cve_id`, pattern),
    ),
  )
  return sql<boolean>`exists (select from exposure_verdicts as verdict where verdict.class_id = hosts.exposure_class
    and verdict.to_at is null and verdict.status = 'exposed' and ${is})`
}

const someCause = (column: Text, word: FilterWord): Condition =>
  sql<boolean>`exists (select from host_causes where host_causes.host_id = hosts.id and ${matchesAny(column, word)})`

/** An exact label can use the index; patterns have to look at each value. */
const label = (word: FilterWord): Condition => {
  const key = databaseText(word.label ?? '')
  return any(
    word.patterns.map((pattern) => {
      const [only = ''] = pattern.parts
      if (pattern.parts.length > 1) return matches(sql<string>`(hosts.labels ->> ${key})`, pattern)
      return sql<boolean>`hosts.labels @> ${JSON.stringify({ [key]: databaseText(only) })}::jsonb`
    }),
  )
}

/** States are of a closed list, so those that a pattern names are known here, and found by index. */
const state = ({ patterns }: FilterWord): Condition => {
  const named = HOST_STATES.filter((one) => patterns.some((pattern) => matchesPattern(pattern, one)))
  const [only] = named
  return named.length === 1 ? sql<boolean>`hosts.state = ${only}` : sql<boolean>`hosts.state = any(${named}::text[])`
}

const positive = (word: FilterWord): Condition => {
  switch (word.key) {
    case 'state':
      return state(word)
    case 'name':
      return matchesAny(sql`hosts.name`, word)
    case 'kernel':
      return matchesAny(sql`hosts.kernel_release`, word)
    case 'arch':
      return matchesAny(sql`hosts.architecture`, word)
    case 'os':
      return matchesAny(sql`hosts.operating_system`, word)
    case 'origin':
      return matchesAny(sql`hosts.origin`, word)
    case 'provider':
      return someElement(sql`hosts.providers`, word)
    case 'effective':
      return matchesAny(sql`hosts.effective_kernel`, word)
    case 'reboot':
      return matchesAny(sql`hosts.reboot`, word)
    case 'cve':
      return cve(word)
    case 'exposed':
      return exposedTo(word)
    case 'severity':
      return sql<boolean>`exists (select from exposure_classes where exposure_classes.id = hosts.exposure_class
        and ${matchesAny(sql`exposure_classes.worst`, word)})`
    case 'cause':
      return someCause(sql`host_causes.key`, word)
    case 'patch':
      return someElement(sql`hosts.patch_names`, word)
    case 'label':
      return label(word)
    case 'blocking':
      return someCause(sql`host_causes.blocking`, word)
    case 'function':
      return someCause(sql`host_causes.function`, word)
  }
}

/** A word as a condition on `hosts`. What is not known matches nothing, so its negation matches. */
export const wordCondition = (word: FilterWord): Condition =>
  word.negated ? sql<boolean>`not coalesce(${positive(word)}, false)` : positive(word)

/**
 * A filter as conditions, all of which must hold.
 * @throws DomainError `filter_invalid` with what to write instead
 */
export const filterConditions = (filter: string): Condition[] => {
  const result = parseFilter(filter)
  if (!result.ok) throw new DomainError('filter_invalid', result.error.detail)
  return result.words.map(wordCondition)
}
