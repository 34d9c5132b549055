import { type Kysely, type RawBuilder, sql } from 'kysely'
import { type AcceptedChoice, acceptedAt } from '../compliance/accepted.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { type AskedHosts, type ClassHosts, hostRows } from './host-rows.ts'
import type { KnownCve } from './known-cves.ts'

type Cve = Pick<KnownCve, 'id' | 'severity'>

/** Hosts that somebody's exceptions accept, by class. */
export interface AcceptedHosts {
  /** Of a class, how many are accepted for a CVE, by the kind that `kindOf` gives; undefined: none for any. */
  of(classId: string): readonly number[] | undefined
  /** CVEs on which the same exceptions bear are of one kind; undefined: none bears on it. */
  kindOf(cve: Cve): number | undefined
}

/**
 * Exceptions that choose hosts alike are one choice, and each host of a class is held by some of the choices: so one look at the
 * hosts serves all CVEs, and none is needed where exceptions are of all hosts, or there are none.
 */
export const readAcceptedHosts = async (
  database: Kysely<DatabaseSchema>,
  asked: AskedHosts,
  classes: readonly ClassHosts[],
  asOf: Date,
): Promise<AcceptedHosts> => {
  const { choices } = await acceptedAt(database, asked.at ?? asOf)
  if (choices.length === 0) return { of: () => undefined, kindOf: () => undefined }
  const held = await readHeld(database, asked, classes, choices)
  const kinds = new Map<string, number>()
  const counts = new Map<string, number[]>(held.map(({ classId }) => [classId, []]))
  return {
    of: (classId) => counts.get(classId),
    kindOf(cve) {
      const bearing = choices.flatMap(({ bearsOn }, index) => (bearsOn(cve) ? [index] : []))
      if (bearing.length === 0) return undefined
      const key = bearing.join()
      const known = kinds.get(key)
      if (known !== undefined) return known
      const kind = kinds.size
      kinds.set(key, kind)
      for (const of of counts.values()) of.push(0)
      for (const { classId, by, count } of held) {
        const of = counts.get(classId)
        if (of !== undefined && bearing.some((index) => by[index] === '1')) of[kind] = (of[kind] ?? 0) + count
      }
      return kind
    },
  }
}

interface Held {
  readonly classId: string
  /** A digit a choice: whether it holds these hosts. */
  readonly by: string
  readonly count: number
}

const readHeld = async (
  database: Kysely<DatabaseSchema>,
  asked: AskedHosts,
  classes: readonly ClassHosts[],
  choices: readonly AcceptedChoice[],
): Promise<Held[]> => {
  const by = '1'.repeat(choices.length)
  if (choices.every(({ condition }) => condition === null)) {
    return classes.map(({ classId, count }) => ({ classId, by, count }))
  }
  const digit = ({ condition }: AcceptedChoice): RawBuilder<string> =>
    condition === null ? sql`'1'` : sql`case when ${condition} then '1' else '0' end`
  const { rows } = await sql<{ class_id: string; by: string; count: string }>`
    select class_id, ${sql.join(choices.map(digit), sql` || `)} as by, count(*) as count from ${hostRows(asked)}
    group by 1, 2`.execute(database)
  return rows.map(({ class_id: classId, by, count }) => ({ classId, by, count: Number(count) }))
}
