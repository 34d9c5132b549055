import type { AlertFacts } from '@rebootless/shared/domain/alerts/alert-facts.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { StepMemory } from './step-memory.ts'

/** Parts of the fleet, by a byte of the host's id: where one host changes, a 256th of all is read again. */
const PART = sql<number>`get_byte(uuid_send(host_id), 15)`
const IS_TOLD = sql<boolean>`(state in ('stalled', 'failed', 'forced', 'drifted') or key like '%-withdrawn|%')`

/**
 * Whatever is written anew has a new xmin (PostgreSQL manual, 5.6), and what is gone is missing from the sum: so a look at numbers finds
 * the parts that are another than they were, and only their texts are sent here.
 */
export const readCauses = async (
  database: Kysely<DatabaseSchema>,
  before: StepMemory['causes'],
): Promise<StepMemory['causes']> => {
  const { rows: prints } = await sql<{ part: number; print: string }>`
    select ${PART} as part, count(*) || ' ' || sum(hashtextextended(key, 0) # hashtextextended(xmin::text, 1)) as print
    from host_causes where ${IS_TOLD} group by 1`.execute(database)
  const changed = prints.filter(({ part, print }) => before.get(part)?.print !== print).map(({ part }) => part)
  const read = new Map<number, AlertFacts['causes'][number][]>()
  if (changed.length > 0) {
    const { rows } = await sql<CauseRow>`
      select host_id, key, state, title, explanation, since, ${PART} as part from host_causes
      where ${IS_TOLD} and ${PART} = any(${changed}::int[])`.execute(database)
    for (const { part, host_id: hostId, since, ...cause } of rows) {
      const fact = { hostId, ...cause, since: since.getTime() }
      const known = read.get(part)
      if (known === undefined) read.set(part, [fact])
      else known.push(fact)
    }
  }
  return new Map(
    prints.map(({ part, print }) => {
      const same = before.get(part)
      return [part, same?.print === print ? same : { print, causes: read.get(part) ?? [] }]
    }),
  )
}

interface CauseRow {
  readonly part: number
  readonly host_id: string
  readonly key: string
  readonly state: string
  readonly title: string
  readonly explanation: string
  readonly since: Date
}
