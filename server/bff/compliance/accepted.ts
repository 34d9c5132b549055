import { acceptedBy, type ExceptionInEffect, holdsCve } from '@rebootless/shared/domain/compliance/exceptions.ts'
import type { FilteredHost } from '@rebootless/shared/domain/compliance/host-filter.ts'
import type { Severity } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { wordCondition } from '../hosts/filter-sql.ts'
import { exceptionsAt } from './exception-rows.ts'

interface Cve {
  readonly id: string
  readonly severity: Severity
}

/** What is accepted at a moment, for whoever shows exposure. It bears on what is exposed or fixed on disk, and on nothing else. */
export interface Accepted {
  /** Until when a CVE is accepted on a host; null: it is not. */
  until(cve: Cve, host: FilteredHost): Date | null
  /** Which hosts are meant and for what, each choice of hosts once. */
  readonly choices: readonly AcceptedChoice[]
  /** The same of rows named `hosts`, which have the columns of that table that filters of the past ask for. */
  condition(cve: Cve): RawBuilder<boolean>
}

export interface AcceptedChoice {
  /** Of rows named `hosts`, as in `condition`; null: all hosts. */
  readonly condition: RawBuilder<boolean> | null
  bearsOn(cve: Cve): boolean
}

export const acceptedAt = async (database: Kysely<DatabaseSchema>, at: Date): Promise<Accepted> => {
  const exceptions = await exceptionsAt(database, at)
  return {
    until(cve, host) {
      const found = acceptedBy(exceptions, cve, host)
      return found === undefined ? null : new Date(found.until)
    },
    choices: choicesOf(exceptions),
    condition: (cve) => conditionOf(exceptions.filter((one) => holdsCve(one, cve))),
  }
}

const conditionOf = (exceptions: readonly ExceptionInEffect[]): RawBuilder<boolean> =>
  exceptions.length === 0
    ? sql<boolean>`false`
    : sql<boolean>`(${sql.join(
        exceptions.map(({ words }) => wordsCondition(words) ?? sql<boolean>`true`),
        sql` or `,
      )})`

const wordsCondition = (words: ExceptionInEffect['words']): RawBuilder<boolean> | null =>
  words.length === 0 ? null : sql<boolean>`(${sql.join(words.map(wordCondition), sql` and `)})`

const choicesOf = (exceptions: readonly ExceptionInEffect[]): AcceptedChoice[] => {
  const alike = new Map<string, ExceptionInEffect[]>()
  for (const one of exceptions) {
    const key = JSON.stringify(one.words)
    alike.set(key, [...(alike.get(key) ?? []), one])
  }
  return [...alike.values()].map((same) => ({
    condition: wordsCondition(same[0]?.words ?? []),
    bearsOn: (cve) => same.some((one) => holdsCve(one, cve)),
  }))
}
