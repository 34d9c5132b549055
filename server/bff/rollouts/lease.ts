import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

/** A backend that dies is followed by another so soon. */
export const LEASE_MS = 4_000

/** Each has its own row. */
export type LeaseName = 'rollouts' | 'alerts'

/**
 * Takes the lease, or makes it last longer, by the database's clock, so that all backends have one. The number rises each
 * time it passes to another holder, and when one had let it run out.
 * @param holder of this run of this backend
 * @param isAlone whoever held it is no more, as a backend knows that just started on a database of its own; were he, his number is
 *   an old one from now on
 * @returns the number that stands in each write from now on; null: another leads
 */
export const takeLease = async (
  database: Kysely<DatabaseSchema>,
  holder: string,
  isAlone = false,
  name: LeaseName = 'rollouts',
): Promise<number | null> => {
  const { rows } = await sql<{ fencing: string }>`
    insert into leases (name, holder, fencing, until)
    values (${name}, ${holder}, 1, clock_timestamp() + ${LEASE_MS} * interval '1 millisecond')
    on conflict (name) do update set
      fencing = leases.fencing + case
        when leases.holder = excluded.holder and leases.until > clock_timestamp() then 0 else 1
      end,
      holder = excluded.holder,
      until = excluded.until
    where leases.holder = excluded.holder or leases.until <= clock_timestamp() or ${isAlone}
      /* No lease lasts so long: the clock that gave it was set back, and whoever held it may be no more. */
      or leases.until > excluded.until + interval '1 second'
    returning fencing`.execute(database)
  const [row] = rows
  return row === undefined ? null : Number(row.fencing)
}

/** So that nobody waits for a backend that ends in order. */
export const giveUpLease = async (
  database: Kysely<DatabaseSchema>,
  holder: string,
  name: LeaseName = 'rollouts',
): Promise<void> => {
  await sql`update leases set until = clock_timestamp() where name = ${name} and holder = ${holder}`.execute(database)
}

/**
 * True in a statement only while no other leader was given a newer number: a leader that was frozen and is woken late
 * writes nothing (threat-model T37; shared/domain/rollouts/fencing.ts).
 */
export const isNewest = (fencing: number) =>
  sql<boolean>`exists (select from leases where leases.name = 'rollouts' and leases.fencing = ${fencing})`
