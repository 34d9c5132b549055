import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

const SAMPLES_KEPT_DENSE = 300
const MINUTES_KEPT = 1440
const SAMPLES_BEFORE_PRUNING = 700
const KERNEL_EVENTS_KEPT = 512
const INCIDENTS_KEPT = 256
const AGENT_RUNS_KEPT = 512

/**
 * Bounds what a host's history holds: of its two newest transitions all of the last samples and one a minute before,
 * and the newest kernel records and incidents. Each rule keeps a sample by what it is among its like, so pruning now or later, once
 * or often, ends in the same set.
 */
export const pruneHistory = async (database: Kysely<DatabaseSchema>): Promise<void> => {
  await sql`with crowded as (
      select host_id from transition_samples group by host_id having count(*) > ${SAMPLES_BEFORE_PRUNING}
    ), ranked as (
      select host_id, epoch, sequence,
        dense_rank() over (partition by host_id order by started_at desc) as transition,
        row_number() over (partition by host_id, started_at order by epoch desc, sequence desc) as newest,
        row_number() over (
          partition by host_id, started_at, date_trunc('minute', sampled_at) order by epoch, sequence
        ) as in_minute,
        dense_rank() over (partition by host_id, started_at order by date_trunc('minute', sampled_at) desc) as minute
      from transition_samples where host_id in (select host_id from crowded)
    )
    delete from transition_samples using ranked
    where transition_samples.host_id = ranked.host_id
      and transition_samples.epoch = ranked.epoch and transition_samples.sequence = ranked.sequence
      and (transition > 2
        or (newest > ${SAMPLES_KEPT_DENSE} and not (in_minute = 1 and minute <= ${MINUTES_KEPT})))`.execute(database)
  await sql`with crowded as (
      select host_id from kernel_events group by host_id having count(*) > ${2 * KERNEL_EVENTS_KEPT}
    ), ranked as (
      select host_id, boot_id, kmsg_sequence,
        row_number() over (partition by host_id order by at desc, kmsg_sequence desc) as newest
      from kernel_events where host_id in (select host_id from crowded)
    )
    delete from kernel_events using ranked
    where kernel_events.host_id = ranked.host_id and kernel_events.boot_id = ranked.boot_id
      and kernel_events.kmsg_sequence = ranked.kmsg_sequence and newest > ${KERNEL_EVENTS_KEPT}`.execute(database)
  await sql`with crowded as (
      select host_id from kernel_incidents group by host_id having count(*) > ${2 * INCIDENTS_KEPT}
    ), ranked as (
      select host_id, boot_id, kmsg_sequence,
        row_number() over (partition by host_id order by at desc, kmsg_sequence desc) as newest
      from kernel_incidents where host_id in (select host_id from crowded)
    )
    delete from kernel_incidents using ranked
    where kernel_incidents.host_id = ranked.host_id and kernel_incidents.boot_id = ranked.boot_id
      and kernel_incidents.kmsg_sequence = ranked.kmsg_sequence and newest > ${INCIDENTS_KEPT}`.execute(database)
  await sql`with ranked as (
      select host_id, epoch, row_number() over (partition by host_id order by epoch desc) as newest from agent_runs
    )
    delete from agent_runs using ranked
    where agent_runs.host_id = ranked.host_id and agent_runs.epoch = ranked.epoch
      and newest > ${AGENT_RUNS_KEPT}`.execute(database)
}
