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
  /** The same text for CVEs that are accepted on the same hosts, by the words of their exceptions; null: none bears on it. */
  wordsFor(cve: Cve): string | null
  /** The same of rows named `hosts`, which have the columns of that table that filters of the past ask for. */
  condition(cve: Cve): RawBuilder<boolean>
}

export const acceptedAt = async (database: Kysely<DatabaseSchema>, at: Date): Promise<Accepted> => {
  const exceptions = await exceptionsAt(database, at)
  // A list asks of thousands of CVEs.
  const bySubject = new Map<string, ExceptionInEffect[]>()
  for (const one of exceptions) {
    const subject = one.subject.kind === 'cve' ? one.subject.cveId : one.subject.severity
    const found = bySubject.get(subject)
    if (found === undefined) bySubject.set(subject, [one])
    else found.push(one)
  }
  return {
    until(cve, host) {
      const found = acceptedBy(exceptions, cve, host)
      return found === undefined ? null : new Date(found.until)
    },
    wordsFor({ id, severity }) {
      const bearing = [...(bySubject.get(id) ?? []), ...(bySubject.get(severity) ?? [])]
      return bearing.length === 0 ? null : [...new Set(bearing.map(({ words }) => JSON.stringify(words)))].sort().join()
    },
    condition: (cve) => conditionOf(exceptions.filter((one) => holdsCve(one, cve))),
  }
}

const conditionOf = (exceptions: readonly ExceptionInEffect[]): RawBuilder<boolean> =>
  exceptions.length === 0
    ? sql<boolean>`false`
    : sql<boolean>`(${sql.join(
        exceptions.map(({ words }) =>
          words.length === 0 ? sql<boolean>`true` : sql<boolean>`(${sql.join(words.map(wordCondition), sql` and `)})`,
        ),
        sql` or `,
      )})`
