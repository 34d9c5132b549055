import { createHash } from 'node:crypto'
import type { DoubtOfHost, ExposureFacts } from '@rebootless/shared/contract/exposure.ts'
import { doubtsOf, type HostToDoubt } from '@rebootless/shared/domain/exposure/exposure-doubts.ts'
import { exposureClassKey, exposureFactsOf } from '@rebootless/shared/domain/exposure/exposure-facts.ts'
import { type Selectable, sql, type Transaction } from 'kysely'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema, HostsTable } from '../database/schema.ts'
import { readCatalogueCves } from './catalogue-cves.ts'
import { EXPOSURE_CHANNEL } from './exposure-channel.ts'

/** A host as it was derived, with what was read of it. */
export interface HostToPlace extends HostToDoubt {
  readonly id: string
  readonly name: string
  readonly before: Pick<Selectable<HostsTable>, 'origin' | 'labels' | 'exposure_print'>
  readonly readAt: Date | null
}

type ExposureColumns = Pick<Selectable<HostsTable>, 'exposure_class' | 'exposure_doubted' | 'exposure_print'>

interface Period {
  readonly host: HostToPlace
  readonly classId: string
  readonly facts: ExposureFacts
  readonly doubts: readonly DoubtOfHost[]
  readonly print: string
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

/** What a host says is hostile text: PostgreSQL cannot keep U+0000, and JSON of it is not what it is compared with. */
const storable = <Value>(value: Value): Value => {
  const json = JSON.stringify(value)
  // Most hosts say neither, and JSON shows both as escapes (ECMA-262, 25.5.2.4 QuoteJSONString).
  if (!/\\u(?:0000|d[89a-f])/.test(json)) return value
  return JSON.parse(json, (_, inner) => (typeof inner === 'string' ? databaseText(inner) : inner))
}

/**
 * Closes the open period of each host that came into another class, or whose name, labels or doubts are others, and opens
 * the next; of others nothing is written, and nothing is asked but what the catalogue says of their modules.
 * @returns for each host, by its id, what stands in its row from now on
 */
export const placeHosts = async (
  transaction: Transaction<DatabaseSchema>,
  hosts: readonly HostToPlace[],
  now: Date,
): Promise<ReadonlyMap<string, ExposureColumns>> => {
  const catalogue = await readCatalogueCves(transaction, hosts.flatMap(srcversionsOf))
  const periods = hosts.map((host): Period => {
    const facts = storable(exposureFactsOf(host.snapshot, host.account, catalogue))
    const classId = hashOf(exposureClassKey(facts))
    const doubts = storable(doubtsOf(host))
    const print = hashOf(JSON.stringify([classId, host.name, host.before.labels, doubts]))
    return { host, classId, facts, doubts, print }
  })
  const changed = periods.filter(({ host, print }) => host.before.exposure_print !== print)
  await writeClasses(transaction, changed, now)
  await writePeriods(transaction, changed, now)
  return new Map(
    periods.map(({ host, classId, doubts, print }) => [
      host.id,
      { exposure_class: classId, exposure_doubted: doubts.length > 0, exposure_print: print },
    ]),
  )
}

const srcversionsOf = ({ account }: HostToPlace): string[] =>
  account.statuses.map(({ srcversion }) => srcversion).filter((srcversion) => srcversion !== null)

const writeClasses = async (
  transaction: Transaction<DatabaseSchema>,
  periods: readonly Period[],
  now: Date,
): Promise<void> => {
  if (periods.length === 0) return
  const facts = new Map(periods.map((period) => [period.classId, period.facts]))
  // In one order, so that two transactions with the same new classes wait for each other and never both.
  const ids = [...facts.keys()].sort()
  await sql`
    with added as (
      insert into exposure_classes (id, facts, first_seen_at)
      select id, facts::json, ${now}::timestamptz
      from unnest(${ids}::text[], ${ids.map((id) => JSON.stringify(facts.get(id)))}::text[]) as class (id, facts)
      order by id collate "C"
      on conflict (id) do nothing
    )
    select pg_notify(${EXPOSURE_CHANNEL}, '') where ${ids.length} > (
      select count(*) from exposure_classes, exposure_state
      where id = any(${ids}::text[]) and exposure_classes.judged_pass = exposure_state.pass
    )`.execute(transaction)
}

/** Strictly later than the one before, whatever the clocks of two backends say. */
const writePeriods = async (
  transaction: Transaction<DatabaseSchema>,
  periods: readonly Period[],
  now: Date,
): Promise<void> => {
  if (periods.length === 0) return
  const column = <T>(of: (period: Period) => T) => periods.map(of)
  const ids = column(({ host }) => host.id)
  await sql`
    with closed as (
      update host_exposure set to_at = greatest(${now}::timestamptz, from_at + interval '1 millisecond')
      where host_id = any(${ids}::uuid[]) and to_at is null
      returning host_id, to_at
    )
    insert into host_exposure (host_id, from_at, class_id, host_name, origin, labels, doubts, read_at)
    select period.host_id, coalesce(closed.to_at, ${now}), period.class_id, period.host_name, period.origin,
      period.labels::jsonb, period.doubts::json, period.read_at
    from unnest(
      ${ids}::uuid[], ${column(({ classId }) => classId)}::text[], ${column(({ host }) => host.name)}::text[],
      ${column(({ host }) => host.before.origin)}::text[],
      ${column(({ host }) => JSON.stringify(host.before.labels))}::text[],
      ${column(({ doubts }) => JSON.stringify(doubts))}::text[], ${column(({ host }) => host.readAt)}::timestamptz[]
    ) as period (host_id, class_id, host_name, origin, labels, doubts, read_at)
    left join closed on closed.host_id = period.host_id`.execute(transaction)
}

/** Of hosts that are removed: what they were stays in the past. */
export const closePeriods = async (
  transaction: Transaction<DatabaseSchema>,
  hostIds: readonly string[],
  now: Date,
): Promise<void> => {
  await sql`update host_exposure set to_at = greatest(${now}::timestamptz, from_at + interval '1 millisecond')
    where host_id = any(${[...hostIds]}::uuid[]) and to_at is null`.execute(transaction)
}
